" irlens: every compiler IR of a PyTorch model beside its source.
" Neovim (0.7.2 and later) gets lua/irlens, on its own LSP client; Vim 9 gets
" autoload/irlens, on Vim's LSP channels. Both are described in doc/irlens.txt.
if exists('g:loaded_irlens')
  finish
endif
let g:loaded_irlens = 1

" Saved programs are not text: a line stands for them, and :IRLens opens their stages.
function s:ShowSaved(file)
  setlocal noswapfile
  call setline(1, fnamemodify(a:file, ':t') . ' is a saved program; :IRLens opens its stages')
  setlocal nomodified nomodifiable readonly filetype=irlens
endfunction
augroup irlens_saved
  autocmd!
  autocmd BufReadCmd *.pt2,*.pt call s:ShowSaved(expand('<afile>'))
augroup END

if has('nvim-0.7')
  lua require('irlens').setup()
elseif has('vim9script') && has('channel') && has('textprop') && has('patch-9.0.0438')
  call irlens#Setup()
endif
