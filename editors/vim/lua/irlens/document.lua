-- Stage documents (irlens://...) as buffers: their text comes from the server by
-- the standard request workspace/textDocumentContent, and again on its refresh.
local client = require('irlens.client')

local M = {}

local SCHEME = 'irlens://'
local TIMEOUT = 2000 -- ms; the server answers at once, from what it has

-- By the end of the name; the first that fits counts.
local FILETYPES = {
  { 'amdgcn.s', 'amdgcn' }, { '.fx.py', 'python' }, { '.mlir', 'mlir' }, { '.ll', 'llvm' }, { '.ptx', 'ptx' },
  { '.s', 'asm' }, { '.spvasm', 'spirv' }, { '.torchscript', 'torchscript' },
}

function M.is_stage(buf)
  return vim.startswith(vim.api.nvim_buf_get_name(buf), SCHEME)
end

local function filetype(uri)
  for _, row in ipairs(FILETYPES) do
    if uri:sub(-#row[1]) == row[1] then
      return row[2]
    end
  end
  return 'text'
end

local function split_lines(text)
  local lines = vim.split(text, '\n', { plain = true })
  if lines[#lines] == '' then
    lines[#lines] = nil -- the end of the last line is no line
  end
  return lines
end

-- Replaces only what differs, so that cursors, views and marks stay on their lines.
local function set_lines(buf, new)
  local old = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  local head, tail = 0, 0
  local most = math.min(#old, #new)
  while head < most and old[head + 1] == new[head + 1] do
    head = head + 1
  end
  while tail < most - head and old[#old - tail] == new[#new - tail] do
    tail = tail + 1
  end
  if head == #old and head == #new then
    return
  end
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, head, #old - tail, false, vim.list_slice(new, head + 1, #new - tail))
  vim.bo[buf].modifiable = false
  vim.bo[buf].modified = false
end

-- BufReadCmd. Waits for the text: whoever jumps into the buffer needs its lines.
function M.read(buf, uri)
  local lines = { 'irlens: no server knows this document; open its source file first' }
  for _, server in ipairs(client.for_document(buf)) do
    local reply = client.request_sync(server, 'workspace/textDocumentContent', { uri = uri }, TIMEOUT, buf)
    if reply and reply.result then
      lines = split_lines(reply.result.text)
      vim.b[buf].irlens_client = server.id
      break
    end
  end
  vim.bo[buf].buftype = 'nofile'
  vim.bo[buf].bufhidden = 'unload' -- what nobody sees is not kept up to date
  vim.bo[buf].swapfile = false
  vim.bo[buf].undolevels = -1
  set_lines(buf, lines)
  vim.bo[buf].filetype = filetype(uri)
end

local function fetch(buf, server)
  local uri = vim.api.nvim_buf_get_name(buf)
  client.request(server, 'workspace/textDocumentContent', { uri = uri }, function(_, result)
    if result and vim.api.nvim_buf_is_loaded(buf) then
      set_lines(buf, split_lines(result.text))
      require('irlens.lens').refresh(buf) -- of its kernels
    end
  end, buf)
end

-- A document came into a window. Only now does the server hear of it, which makes
-- it one of those that are lowered first.
function M.shown(buf)
  vim.opt_local.wrap = false
  local server = vim.lsp.get_client_by_id(vim.b[buf].irlens_client or 0) or client.all()[1]
  if server and not server.attached_buffers[buf] then
    client.join(buf, server)
    fetch(buf, server)
  end
end

-- The server says that a document has a new text.
function M.refresh(uri)
  local buf = vim.fn.bufnr('^' .. uri .. '$')
  local server = buf ~= -1 and vim.api.nvim_buf_is_loaded(buf) and client.of(buf)
  if server then
    fetch(buf, server)
  end
end

-- The window to show a document in: one that shows it, else one that shows another.
local function stage_window(uri)
  local other
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local buf = vim.api.nvim_win_get_buf(win)
    if vim.api.nvim_buf_get_name(buf) == uri then
      return win
    end
    other = other or (M.is_stage(buf) and win)
  end
  return other
end

-- Shows a document and leaves the cursor there. `mods` are those of a command
-- (":belowright IRLens fx"); with them a new window is made.
function M.show(uri, mods)
  local win = (mods or '') == '' and stage_window(uri)
  if win then
    vim.api.nvim_set_current_win(win)
    if vim.api.nvim_buf_get_name(0) ~= uri then
      vim.cmd('keepalt edit ' .. vim.fn.fnameescape(uri))
    end
  else
    vim.cmd(((mods or '') == '' and 'vertical rightbelow' or mods) .. ' keepalt split ' .. vim.fn.fnameescape(uri))
  end
end

-- Opens a document beside the source; the cursor stays where it is.
function M.open(uri, mods)
  local source = vim.api.nvim_get_current_win()
  M.show(uri, mods)
  if vim.api.nvim_win_get_tabpage(source) == vim.api.nvim_get_current_tabpage() then
    vim.api.nvim_set_current_win(source)
  end
end

return M
