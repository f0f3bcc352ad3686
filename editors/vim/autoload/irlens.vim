vim9script
# Vim client of irlens: commands, autocommands, mappings.
# Called once by plugin/irlens.vim, on Vim 9 only. What users see is made by the
# server; what is here only shows it. Neovim has lua/irlens instead.

import autoload 'irlens/client.vim'
import autoload 'irlens/compare.vim'
import autoload 'irlens/document.vim'
import autoload 'irlens/edit.vim'
import autoload 'irlens/links.vim'
import autoload 'irlens/marks.vim'
import autoload 'irlens/passes.vim'
import autoload 'irlens/progress.vim'
import autoload 'irlens/stages.vim'

# Extensions of the sources in the server's stage table; a test compares them.
const SOURCES = ['py', 'mlir', 'll', 'ttir', 'ttgir', 'ptx', 'bc', 'pt2', 'pt']
const PATTERN = SOURCES->mapnew((_, extension) => '*.' .. extension)->join(',')

def OpenStage(mods: string, ...words: list<string>)
  final buf = stages.Source()
  if buf == 0
    return
  endif
  final rows = stages.Of(buf)->filter((_, row) =>
    row.stage == get(words, 0, row.stage) && row.entry == get(words, 1, row.entry))
  final row = stages.Pick(rows, empty(words) ? '' : $'stage "{join(words)}"', 'Stage to open:')
  if !empty(row)
    document.Open(row.uri, mods)
  endif
enddef

def Complete(lead: string, line: string, _: number): list<string>
  return stages.Complete(lead, line, (_) => true)
enddef

def Execute(command: string)
  final buf = stages.Source()
  if buf == 0
    return
  elseif getbufvar(buf, '&modified') && buf == bufnr()
    silent update
  endif
  client.Send('workspace/executeCommand', {command: command, arguments: [client.Uri(buf)]}, (_) => 0)
enddef

# In the list of a stage's passes or steps, and in the document of one.
const PASS_MAPPINGS = {
  '^irlens://.*\.\(passes\|steps\)\.txt$': {'<CR>': 'IRLensDefinition', gf: 'IRLensDefinition', gx: 'IRLensDefinition'},
  '^irlens://.*\.passes\.\d': {']p': 'IRLensNextPass', '[p': 'IRLensPreviousPass'},
}

# Buffer-local, and never over a mapping that exists.
def AddMappings()
  if !get(g:, 'irlens_mappings', true)
    return
  endif
  final wanted = {gd: 'IRLensDefinition', gD: 'IRLensDeclaration', gI: 'IRLensImplementation', K: 'IRLensHover'}
    ->extend(document.IsStage(bufnr()) ? {} : {gl: 'IRLensLens'})
    ->extend(PASS_MAPPINGS->copy()->filter((pattern, _) => bufname() =~ pattern)->values()->get(0, {}))
  for [keys, command] in items(wanted)
    # What Vim's own plugins map globally opens files.
    if empty(maparg(keys, 'n')) || keys == 'gx'
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
    stages.Entered(buf)
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
  command! -nargs=* -complete=customlist,irlens#passes#Complete IRLensPasses passes.Open(<q-mods>, <f-args>)
  command! IRLensDiffPass passes.Diff()
  command! IRLensNextPass passes.Step('next')
  command! IRLensPreviousPass passes.Step('previous')
  command! -nargs=+ -complete=customlist,irlens#compare#Complete IRLensDiff compare.Stages(<f-args>)
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
  client.Handle('window/showMessage', (params) => stages.Warn(params.message))
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
