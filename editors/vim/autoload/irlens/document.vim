vim9script
# Stage documents (irlens://...) as buffers: their text comes from the server by the
# standard request workspace/textDocumentContent, and again on its refresh.

import autoload 'irlens/client.vim'
import autoload 'irlens/marks.vim'

const SCHEME = '^irlens://'

# By the end of the name; the first that fits counts.
const FILETYPES = [
  ['amdgcn\.s$', 'amdgcn'], ['\.fx\.py$', 'python'], ['\.mlir$', 'mlir'], ['\.ll$', 'llvm'], ['\.ptx$', 'ptx'],
  ['\.s$', 'asm'], ['\.spvasm$', 'spirv'], ['\.torchscript$', 'torchscript'], ['', 'text'],
]

export def IsStage(buf: number): bool
  return bufname(buf) =~ SCHEME
enddef

def Lines(text: string): list<string>
  final lines = split(text, "\n", true)
  return empty(lines[-1]) ? lines[: -2] : lines # the end of the last line is no line
enddef

# Replaces only what differs, so that cursors, views and marks stay on their lines.
def SetLines(buf: number, new: list<string>)
  final old = getbufline(buf, 1, '$')
  final most = min([len(old), len(new)])
  var head = 0
  while head < most && old[head] ==# new[head]
    head += 1
  endwhile
  var tail = 0
  while tail < most - head && old[-1 - tail] ==# new[-1 - tail]
    tail += 1
  endwhile
  final middle = new->slice(head, len(new) - tail)
  final replaced = len(old) - tail - head
  setbufvar(buf, '&modifiable', 1)
  # First the new lines, then the old ones go: the buffer is never empty in between.
  appendbufline(buf, head + replaced, middle)
  if replaced > 0
    silent deletebufline(buf, head + 1, head + replaced)
  endif
  setbufvar(buf, '&modifiable', 0)
  setbufvar(buf, '&modified', 0)
enddef

# BufReadCmd. Waits for the text: whoever jumps into the buffer needs its lines.
export def Read(uri: string)
  client.Start(getcwd())
  final reply = client.Ask('workspace/textDocumentContent', {uri: uri})
  setlocal buftype=nofile noswapfile undolevels=-1
  setlocal bufhidden=unload # what nobody sees is not kept up to date
  SetLines(bufnr(), empty(reply)
    ? ['irlens: the server does not know this document; open its source file first']
    : Lines(reply.text))
  &l:filetype = FILETYPES->copy()->filter((_, row) => uri =~ row[0])[0][1]
enddef

def Fetch(buf: number)
  client.Send('workspace/textDocumentContent', {uri: client.Uri(buf)}, (reply) => {
    if bufloaded(buf)
      SetLines(buf, Lines(reply.text))
      client.SendChanges(buf)
      marks.RefreshLenses(buf) # of its kernels
    endif
  })
enddef

# A document came into a window. Only now does the server hear of it, which makes it
# one of those that are lowered first.
export def Shown(buf: number)
  setlocal nowrap
  if !client.IsAttached(buf) && client.Attach(buf)
    Fetch(buf)
  endif
enddef

# The server says that a document has a new text.
export def Refresh(uri: string)
  final buf = client.BufferOf(uri)
  if buf > 0
    Fetch(buf)
  endif
enddef

# The window to show a document in: one that shows it, else one that shows another.
def StageWindow(uri: string): number
  final windows = range(1, winnr('$'))->filter((_, win) => IsStage(winbufnr(win)))
  final same = windows->copy()->filter((_, win) => bufname(winbufnr(win)) ==# uri)
  return get(same + windows, 0, 0)
enddef

# Shows a document and leaves the cursor there. `mods` are those of a command
# (":belowright IRLens fx"); with them a new window is made.
export def Show(uri: string, mods = '')
  final win = empty(mods) ? StageWindow(uri) : 0
  if win > 0
    execute $':{win}wincmd w'
    if bufname() !=# uri
      execute 'keepalt edit' fnameescape(uri)
    endif
  else
    execute (empty(mods) ? 'vertical rightbelow' : mods) 'keepalt split' fnameescape(uri)
  endif
enddef

# Opens a document beside the source; the cursor stays where it is.
export def Open(uri: string, mods = '')
  final source = win_getid()
  final page = tabpagenr()
  Show(uri, mods)
  if page == tabpagenr()
    win_gotoid(source)
  endif
enddef
