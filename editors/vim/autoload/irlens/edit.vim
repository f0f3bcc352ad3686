vim9script
# Edits that the server asks for (workspace/applyEdit): the comment that a lens adds.

import autoload 'irlens/client.vim'

# The answer: whether the edit could be made. Only buffers are edited, never files.
export def Apply(params: dict<any>): dict<any>
  final changes: dict<any> = get(params.edit, 'changes', {})
  for uri in keys(changes)
    final buf = client.BufferOf(uri)
    if buf == 0 || !getbufvar(buf, '&modifiable')
      return {applied: false, failureReason: $'{uri} is not open for editing'}
    endif
  endfor
  for [uri, edits] in items(changes)
    # From the end of the file on: what comes before keeps its lines.
    for edit in sort(edits, (a, b) => b.range.start.line - a.range.start.line)
      Replace(client.BufferOf(uri), edit)
    endfor
  endfor
  return {applied: true}
enddef

def Replace(buf: number, edit: dict<any>)
  final from = edit.range.start
  final to = edit.range.end
  final before = getbufline(buf, from.line + 1)->get(0, '')->strpart(0, from.character)
  final after = getbufline(buf, to.line + 1)->get(0, '')->strpart(to.character)
  final lines = split(before .. edit.newText .. after, "\n", true)
  if to.line > from.line
    deletebufline(buf, from.line + 2, to.line + 1)
  endif
  setbufline(buf, from.line + 1, lines[0])
  appendbufline(buf, from.line + 1, lines[1 :])
enddef
