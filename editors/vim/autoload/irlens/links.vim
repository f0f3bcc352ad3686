vim9script
# From a line to its other side: IR to source, source to IR, and a hover that shows it.

import autoload 'irlens/client.vim'
import autoload 'irlens/document.vim'

# Location | Location[] | null -> list
def Locations(result: any): list<dict<any>>
  return type(result) == v:t_list ? result : type(result) == v:t_dict ? [result] : []
enddef

# Puts the cursor on a place: in a window that shows the file already, if any does.
def Jump(location: dict<any>)
  normal! m'
  if location.uri =~ '^irlens://'
    document.Show(location.uri)
  else
    final name = client.NameOf(location.uri)
    final win = bufwinid(client.BufferOf(location.uri))
    if win != -1
      win_gotoid(win)
    else
      execute 'edit' fnameescape(fnamemodify(name, ':~:.'))
    endif
  endif
  cursor(location.range.start.line + 1, location.range.start.character + 1)
  normal! zv
enddef

# The text of a document, for the lines of a list.
def LinesOf(uri: string): list<string>
  final buf = client.BufferOf(uri)
  if buf > 0
    return getbufline(buf, 1, '$')
  elseif uri =~ '^irlens://'
    final reply = client.Ask('workspace/textDocumentContent', {uri: uri})
    return empty(reply) ? [] : split(reply.text, "\n", true)
  endif
  return filereadable(client.NameOf(uri)) ? readfile(client.NameOf(uri)) : []
enddef

def List(title: string, locations: list<dict<any>>)
  var texts: dict<list<string>> = {}
  var rows: list<dict<any>> = []
  for place in locations
    if !has_key(texts, place.uri)
      texts[place.uri] = LinesOf(place.uri)
    endif
    final lnum = place.range.start.line + 1
    rows->add({filename: client.NameOf(place.uri), lnum: lnum, col: place.range.start.character + 1,
      text: texts[place.uri]->get(lnum - 1, '')->trim()})
  endfor
  setqflist([], ' ', {title: title, items: rows})
  botright copen
enddef

# Asks where the cursor's line leads to; goes there, or lists the places.
export def Go(method: string)
  client.SendChanges(bufnr())
  final found = Locations(client.Ask(method, client.CursorParams()))
  if empty(found)
    echo 'irlens: nothing is linked to this line'
  elseif len(found) == 1
    Jump(found[0])
  else
    List('irlens: ' .. expand('%:t') .. ':' .. line('.'), found)
  endif
enddef

def ShowHover(result: any, asked: list<any>)
  if asked != [bufnr(), line('.'), col('.')]
    return # The cursor has moved on while the answer was on its way.
  elseif empty(result)
    echo 'irlens: nothing is linked to this line'
    return
  endif
  final contents = result.contents
  final text: string = type(contents) == v:t_dict ? contents.value : contents
  popup_atcursor(split(text, "\n", true), {moved: 'any', border: [], padding: [0, 1, 0, 1],
    maxwidth: &columns - 10, maxheight: &lines / 2})
enddef

export def Hover()
  client.SendChanges(bufnr())
  final asked = [bufnr(), line('.'), col('.')]
  client.Send('textDocument/hover', client.CursorParams(), (result) => ShowHover(result, asked))
enddef
