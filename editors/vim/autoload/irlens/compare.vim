vim9script
# Two documents against each other, as Vim's own diff.

import autoload 'irlens/client.vim'
import autoload 'irlens/document.vim'
import autoload 'irlens/stages.vim'

# Shows both side by side, where documents are shown, with the cursor in the second.
export def Show(left: string, right: string)
  document.Show(right)
  final here = win_getid()
  # What an earlier comparison has left.
  for info in getwininfo()->filter((_, other) => other.tabnr == tabpagenr() && other.winid != here)
    if getwinvar(info.winnr, '&diff') && document.IsStage(info.bufnr)
      win_execute(info.winid, 'close')
    endif
  endfor
  diffthis
  execute 'leftabove vertical keepalt diffsplit' fnameescape(left)
  win_gotoid(here)
enddef

# The rows that "[entry:]stage" means.
def Named(rows: list<dict<any>>, word: string): list<dict<any>>
  final parts = split(word, ':', true)
  return rows->copy()->filter((_, row) =>
    row.stage == parts[-1] && (len(parts) == 1 || row.entry == parts[0]))
enddef

# The document that is in view: the cursor's, else the first of the tab page.
def Shown(): string
  final windows = [winnr()] + range(1, winnr('$'))
  final buffers = windows->mapnew((_, win) => winbufnr(win))->filter((_, buf) => document.IsStage(buf))
  return empty(buffers) ? '' : bufname(buffers[0])
enddef

# :IRLensDiff [entry:]stage [[entry:]stage]
export def Stages(...words: list<string>)
  final buf = stages.Source()
  if buf == 0
    return
  elseif len(words) == 1 && empty(Shown())
    stages.Warn('name two stages, or open one first')
    return
  endif
  # Only who names an entry means one of the many configurations of a kernel.
  final rows = stages.Of(buf, join(words) =~ ':')
  var uris = len(words) == 1 ? [Shown()] : []
  var entry = ''
  for word in words
    final named = Named(rows, word)
    # Of the entry that was chosen first, if nothing else is said.
    final same = named->copy()->filter((_, row) => row.entry == entry)
    final row = stages.Pick(empty(same) || word =~ ':' ? named : same, $'stage "{word}"', 'Stage to compare:')
    if empty(row)
      return
    endif
    entry = row.entry
    uris->add(row.uri)
  endfor
  if uris[0] ==# uris[1]
    stages.Warn('these are one document')
    return
  endif
  Show(uris[0], uris[1])
enddef

export def Complete(lead: string, _: string, _: number): list<string>
  final buf = stages.Known()
  final rows = buf == 0 ? [] : stages.Of(buf, lead =~ ':')
  final names = rows->mapnew((_, row): string => row.stage)
  final entries = rows->mapnew((_, row) => row.entry)->sort()->uniq()
  final full = len(entries) < 2 ? [] : rows->mapnew((_, row): string => $'{row.entry}:{row.stage}')
  return stages.Matching(names + full, lead)
enddef
