vim9script
# What stands between and beside the lines: lenses above the code, and diagnostics as
# signs, underlines and text after the line. All are text properties, so they move
# with the code until the server sends new ones.

import autoload 'irlens/client.vim'
import autoload 'irlens/compare.vim'
import autoload 'irlens/document.vim'

const SEPARATOR = ' | '
const SEVERITIES = ['Error', 'Warning', 'Info', 'Hint']

var lenses: dict<list<dict<any>>> = {} # buffer -> lenses
var diagnostics: dict<list<dict<any>>> = {} # URI -> diagnostics

highlight default link IRLensLens Comment
highlight default link IRLensError ErrorMsg
highlight default link IRLensWarning WarningMsg
highlight default link IRLensInfo Comment
highlight default link IRLensHint Comment
highlight default link IRLensRange SpellBad

prop_type_add('irlens_lens', {highlight: 'IRLensLens'})
prop_type_add('irlens_range', {highlight: 'IRLensRange'})
for name in SEVERITIES
  prop_type_add('irlens_' .. name, {highlight: 'IRLens' .. name})
  sign_define('irlens_' .. name, {text: name[0] .. '>', texthl: 'IRLens' .. name})
endfor

def Clear(buf: number, types: list<string>)
  prop_remove({types: types, bufnr: buf, all: true})
enddef

# --- Lenses

# The text lines for the lenses of one line, broken at `width`.
def Layout(group: list<dict<any>>, indent: string, width: number): list<string>
  var rows: list<string> = []
  for lens in group
    final title = substitute(lens.command.title, '\s\+', ' ', 'g')
    if empty(rows) || strdisplaywidth(rows[-1] .. SEPARATOR .. title) > width
      rows->add(indent .. title)
    else
      rows[-1] ..= SEPARATOR .. title
    endif
  endfor
  return rows
enddef

def TextWidth(buf: number): number
  final win = bufwinid(buf)
  return win == -1 ? 80 : winwidth(win) - getwininfo(win)[0].textoff
enddef

def Draw(buf: number)
  Clear(buf, ['irlens_lens'])
  var by_line: dict<list<dict<any>>> = {}
  for lens in lenses[buf]
    final lnum = lens.range.start.line + 1
    by_line[lnum] = get(by_line, lnum, [])->add(lens)
  endfor
  for [key, group] in items(by_line)
    final lnum = str2nr(key)
    final line = getbufline(buf, lnum)->get(0, '')
    for row in Layout(group, matchstr(line, '^\s*'), TextWidth(buf))
      if lnum <= getbufinfo(buf)[0].linecount
        prop_add(lnum, 0, {type: 'irlens_lens', bufnr: buf, text: row, text_align: 'above'})
      endif
    endfor
  endfor
enddef

export def RefreshLenses(buf: number)
  if client.IsAttached(buf)
    client.Send('textDocument/codeLens', {textDocument: {uri: client.Uri(buf)}}, (result) => {
      if bufloaded(buf)
        lenses[buf] = result ?? []
        Draw(buf)
      endif
    })
  endif
enddef

export def RefreshAllLenses()
  for buf in client.AttachedBuffers()
    RefreshLenses(buf)
  endfor
enddef

def Run(command: dict<any>)
  if command.command == 'irlens.open'
    document.Open(command.arguments[0])
  elseif command.command == 'irlens.diff'
    compare.Show(command.arguments[0], command.arguments[1])
  else
    client.Send('workspace/executeCommand', {command: command.command, arguments: command.arguments}, (_) => 0)
  endif
enddef

# Runs the lens of the cursor's line; asks which when there are several.
export def RunLens()
  final here = get(lenses, bufnr(), [])->copy()->filter((_, lens) => lens.range.start.line == line('.') - 1)
  if empty(here)
    echo 'irlens: no lens on this line'
  elseif len(here) == 1
    Run(here[0].command)
  else
    final picked = inputlist(['Lenses:'] + here->mapnew((i, lens) => $'{i + 1}: {lens.command.title}'))
    if picked > 0 && picked <= len(here)
      Run(here[picked - 1].command)
    endif
  endif
enddef

# --- Diagnostics

def Severity(diagnostic: dict<any>): string
  return SEVERITIES[get(diagnostic, 'severity', 1) - 1]
enddef

def FirstLine(message: string): string
  return split(message, "\n")->get(0, '')
enddef

export def SetDiagnostics(params: dict<any>)
  diagnostics[params.uri] = params.diagnostics
  final buf = client.BufferOf(params.uri)
  if buf == 0
    return
  endif
  Clear(buf, ['irlens_range'] + SEVERITIES->mapnew((_, name) => 'irlens_' .. name))
  sign_unplace('irlens', {buffer: buf})
  final last = getbufinfo(buf)[0].linecount
  for diagnostic in params.diagnostics
    final lnum = min([diagnostic.range.start.line + 1, last])
    final type = 'irlens_' .. Severity(diagnostic)
    final length = strlen(getbufline(buf, lnum)[0])
    final start = min([diagnostic.range.start.character, length])
    final end = diagnostic.range.end.line + 1 == lnum ? min([diagnostic.range.end.character, length]) : length
    prop_add(lnum, start + 1, {type: 'irlens_range', bufnr: buf, length: max([end - start, 0])})
    prop_add(lnum, 0, {type: type, bufnr: buf, text: '  ■ ' .. FirstLine(diagnostic.message), text_align: 'after'})
    sign_place(0, 'irlens', type, buf, {lnum: lnum})
  endfor
enddef

# Shows what is wrong on the cursor's line, which beside it is cut off.
export def EchoDiagnostic()
  for diagnostic in get(diagnostics, client.Uri(bufnr()), [])
    if diagnostic.range.start.line == line('.') - 1
      echo FirstLine(diagnostic.message)->strcharpart(0, &columns - 20)
      return
    endif
  endfor
enddef

def Item(uri: string, range: dict<any>, text: string): dict<any>
  return {filename: client.NameOf(uri), lnum: range.start.line + 1, col: range.start.character + 1, text: text}
enddef

# Fills the location list with this file's diagnostics and what they are related to.
export def ListDiagnostics()
  final uri = client.Uri(bufnr())
  var rows: list<dict<any>> = []
  for diagnostic in get(diagnostics, uri, [])
    rows->add(Item(uri, diagnostic.range, diagnostic.message)->extend({type: Severity(diagnostic)[0]}))
    for related in get(diagnostic, 'relatedInformation', [])
      rows->add(Item(related.location.uri, related.location.range, related.message))
    endfor
  endfor
  setloclist(0, [], ' ', {title: 'irlens', items: rows})
  if empty(rows)
    echo 'irlens: nothing is wrong here'
  else
    lopen
  endif
enddef
