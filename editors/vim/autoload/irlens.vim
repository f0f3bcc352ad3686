vim9script
# Vim client of irlens: commands, autocommands, mappings.
# Called once by plugin/irlens.vim, on Vim 9 only. What users see is made by the
# server; what is here only shows it. Neovim has lua/irlens instead.

import autoload 'irlens/client.vim'
import autoload 'irlens/document.vim'
import autoload 'irlens/edit.vim'
import autoload 'irlens/links.vim'
import autoload 'irlens/marks.vim'
import autoload 'irlens/progress.vim'

# Extensions of the sources in the server's stage table; a test compares them.
const SOURCES = ['py', 'ttir', 'ttgir', 'pt2', 'pt']
const PATTERN = SOURCES->mapnew((_, extension) => '*.' .. extension)->join(',')

# The last source buffer that was entered: what commands mean when the cursor is in
# a stage document.
var last_source = 0

def Warn(message: string)
  echohl WarningMsg
  echomsg 'irlens: ' .. message
  echohl None
enddef

# The source buffer that commands are about; 0, and a message, if there is none.
def Source(): number
  final current = bufnr()
  if client.IsAttached(current) && !document.IsStage(current)
    return current
  elseif client.IsAttached(last_source)
    return last_source
  endif
  Warn(client.Executable() ? 'open a file with a model or a kernel first' : client.Missing())
  return 0
enddef

# Rows {entry, stage, title, uri, status} of the file; waits for the answer.
def Stages(buf: number): list<dict<any>>
  final params = {command: 'irlens.stages', arguments: [client.Uri(buf)]}
  final rows = client.Ask('workspace/executeCommand', params)
  return type(rows) == v:t_list ? rows : []
enddef

def OpenStage(mods: string, ...words: list<string>)
  final buf = Source()
  if buf == 0
    return
  endif
  final rows = Stages(buf)->filter((_, row) =>
    row.stage == get(words, 0, row.stage) && row.entry == get(words, 1, row.entry))
  if empty(rows)
    Warn(empty(words) ? 'no model found in this file (yet)' : $'no stage "{join(words)}" in this file (yet)')
  elseif len(rows) == 1
    document.Open(rows[0].uri, mods)
  else
    final titles = rows->mapnew((i, row) => $'{i + 1}: {row.entry}: {row.title}')
    final picked = inputlist(['Stage to open:'] + titles)
    if picked > 0 && picked <= len(rows)
      document.Open(rows[picked - 1].uri, mods)
    endif
  endif
enddef

# Names of stages, then of entries.
def Complete(lead: string, line: string, _: number): list<string>
  final buf = client.IsAttached(bufnr()) && !document.IsStage(bufnr()) ? bufnr() : last_source
  if !client.IsAttached(buf)
    return []
  endif
  final field = len(split(line, '\s\+', true)) > 2 ? 'entry' : 'stage'
  return Stages(buf)->mapnew((_, row): string => row[field])->sort()->uniq()
    ->filter((_, name) => stridx(name, lead) == 0)
enddef

def Execute(command: string)
  final buf = Source()
  if buf == 0
    return
  elseif getbufvar(buf, '&modified') && buf == bufnr()
    silent update
  endif
  client.Send('workspace/executeCommand', {command: command, arguments: [client.Uri(buf)]}, (_) => 0)
enddef

# Buffer-local, and never over a mapping that exists.
def AddMappings()
  if !get(g:, 'irlens_mappings', true)
    return
  endif
  final wanted = {gd: 'IRLensDefinition', gD: 'IRLensDeclaration', gI: 'IRLensImplementation', K: 'IRLensHover'}
    ->extend(document.IsStage(bufnr()) ? {} : {gl: 'IRLensLens'})
  for [keys, command] in items(wanted)
    if empty(maparg(keys, 'n'))
      execute $'nnoremap <buffer> <silent> {keys} <Cmd>{command}<CR>'
    endif
  endfor
enddef

def IsSource(buf: number): bool
  return getbufvar(buf, '&filetype') == 'python' || index(SOURCES, fnamemodify(bufname(buf), ':e')) >= 0
enddef

def Attach(buf: number)
  if IsSource(buf) && empty(getbufvar(buf, '&buftype')) && client.Executable() && client.Attach(buf)
    AddMappings()
    marks.RefreshLenses(buf)
  endif
enddef

def Entered(buf: number)
  if client.IsAttached(buf) && !document.IsStage(buf)
    last_source = buf
    marks.RefreshLenses(buf) # its window may have another width now
  endif
enddef

export def Restart()
  client.Stop()
  for info in getbufinfo({bufloaded: 1})
    if document.IsStage(info.bufnr)
      document.Shown(info.bufnr)
    else
      Attach(info.bufnr)
    endif
  endfor
enddef

export def Setup()
  command! -nargs=* -complete=customlist,Complete IRLens OpenStage(<q-mods>, <f-args>)
  command! IRLensRun Execute('irlens.run')
  command! IRLensCancel Execute('irlens.cancel')
  command! IRLensLens marks.RunLens()
  command! IRLensDefinition links.Go('textDocument/definition')
  command! IRLensDeclaration links.Go('textDocument/declaration')
  command! IRLensImplementation links.Go('textDocument/implementation')
  command! IRLensHover links.Hover()
  command! IRLensDiagnostics marks.ListDiagnostics()
  command! IRLensRestart Restart()
  command! IRLensLog client.ShowLog()

  client.Handle('workspace/textDocumentContent/refresh', (params) => document.Refresh(params.uri))
  client.Handle('workspace/codeLens/refresh', (_) => marks.RefreshAllLenses())
  client.Handle('textDocument/publishDiagnostics', (params) => marks.SetDiagnostics(params))
  client.Answer('workspace/applyEdit', (params) => edit.Apply(params))
  client.Handle('window/workDoneProgress/create', (_) => 0)
  client.Handle('$/progress', (params) => progress.Show(params))
  client.Handle('window/showMessage', (params) => Warn(params.message))
  client.Handle('window/logMessage', (params) => client.Log(params.message))

  augroup irlens
    autocmd!
    autocmd FileType python,mlir,irlens Attach(str2nr(expand('<abuf>')))
    execute $"autocmd BufEnter {PATTERN} Entered(str2nr(expand('<abuf>')))"
    autocmd BufReadCmd irlens://* document.Read(expand('<amatch>'))
    autocmd BufWinEnter irlens://* document.Shown(str2nr(expand('<abuf>'))) | AddMappings()
    execute $"autocmd TextChanged,InsertLeave {PATTERN} client.SendChanges(str2nr(expand('<abuf>')))"
    execute $"autocmd BufWritePost {PATTERN} client.Saved(str2nr(expand('<abuf>')))"
    autocmd BufUnload * client.Detach(str2nr(expand('<abuf>')))
    execute $'autocmd CursorHold {PATTERN} marks.EchoDiagnostic()'
    autocmd VimLeavePre * client.Stop()
  augroup END
  for info in getbufinfo({bufloaded: 1})
    Attach(info.bufnr)
  endfor
enddef
