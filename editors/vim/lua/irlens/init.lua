-- Neovim client of irlens: commands, autocommands, mappings.
-- Called once by plugin/irlens.vim. What users see is made by the server; what is
-- here only shows it with what Neovim 0.7.2 and later have.
local client = require('irlens.client')
local document = require('irlens.document')
local lens = require('irlens.lens')

local M = {}

-- Extensions of the sources in the server's stage table; a test compares them.
local SOURCES = { 'py', 'ttir', 'ttgir', 'pt2', 'pt' }
local PATTERNS = vim.tbl_map(function(extension) return '*.' .. extension end, SOURCES)

-- The last source buffer that was entered: what commands mean when the cursor is
-- in a stage document.
local last_source

local function source_buffer()
  local current = vim.api.nvim_get_current_buf()
  if client.of(current) and not document.is_stage(current) then
    return current
  end
  return last_source and vim.api.nvim_buf_is_loaded(last_source) and last_source or nil
end

local function tell(message)
  vim.notify('irlens: ' .. message, vim.log.levels.WARN)
end

-- Calls `act` with the source buffer and its client, or says why there is none.
local function with_source(act)
  local buf = source_buffer()
  local server = buf and client.of(buf)
  if server then
    return act(buf, server)
  end
  tell(client.executable() and 'open a file with a model or a kernel first' or client.missing())
end

-- Rows {entry, stage, title, uri, status} of the file; waits for the answer.
local function stages(buf, server)
  local params = { command = 'irlens.stages', arguments = { vim.uri_from_bufnr(buf) } }
  local reply = client.request_sync(server, 'workspace/executeCommand', params, 1000, buf)
  return reply and type(reply.result) == 'table' and reply.result or {}
end

local function execute(command)
  with_source(function(buf, server)
    if vim.bo[buf].modified then
      vim.api.nvim_buf_call(buf, function() vim.cmd('silent update') end)
    end
    local params = { command = command, arguments = { vim.uri_from_bufnr(buf) } }
    client.request(server, 'workspace/executeCommand', params, nil, buf)
  end)
end

local function choose(rows, mods)
  vim.ui.select(rows, {
    prompt = 'Stage to open:',
    format_item = function(row) return row.entry .. ': ' .. row.title end,
  }, function(row)
    if row then
      document.open(row.uri, mods)
    end
  end)
end

-- :IRLens [stage [entry]]
local function open_stage(command)
  with_source(function(buf, server)
    local stage, entry = command.fargs[1], command.fargs[2]
    local rows = vim.tbl_filter(function(row)
      return (not stage or row.stage == stage) and (not entry or row.entry == entry)
    end, stages(buf, server))
    if #rows == 0 then
      tell(stage and ('no stage "' .. table.concat(command.fargs, ' ') .. '" in this file (yet)') or 'no model found in this file (yet)')
    elseif #rows == 1 then
      document.open(rows[1].uri, command.mods)
    else
      choose(rows, command.mods)
    end
  end)
end

-- Names of stages, then of entries.
local function complete(lead, line)
  local buf = source_buffer()
  local server = buf and client.of(buf)
  if not server then
    return {}
  end
  local field = #vim.split(line, '%s+') > 2 and 'entry' or 'stage'
  local seen, names = {}, {}
  for _, row in ipairs(stages(buf, server)) do
    local name = row[field]
    if not seen[name] and vim.startswith(name, lead) then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  return names
end

local function list_diagnostics()
  local any = #vim.diagnostic.get(0) > 0
  vim.diagnostic.setloclist({ open = any, title = 'irlens' })
  if not any then
    vim.api.nvim_echo({ { 'irlens: nothing is wrong here' } }, false, {})
  end
end

local function add_commands()
  local add = vim.api.nvim_create_user_command
  add('IRLens', open_stage, { nargs = '*', complete = complete, desc = 'Open a stage beside the source' })
  add('IRLensRun', function() execute('irlens.run') end, { desc = 'Lower this file again' })
  add('IRLensCancel', function() execute('irlens.cancel') end, { desc = 'Cancel the running lowering' })
  add('IRLensLens', function() vim.lsp.codelens.run() end, { desc = 'Run a lens of this line' })
  add('IRLensDefinition', function() vim.lsp.buf.definition({ reuse_win = true }) end, { desc = 'IR line: go to its source' })
  add('IRLensDeclaration', function() vim.lsp.buf.declaration({ reuse_win = true }) end, { desc = 'SASS line: go to its PTX' })
  add('IRLensImplementation', function() vim.lsp.buf.implementation() end, { desc = 'Source line: list its ops' })
  add('IRLensHover', function() vim.lsp.buf.hover() end, { desc = 'Show the other side of this line' })
  add('IRLensDiagnostics', list_diagnostics, { desc = 'List what is wrong in this file' })
  add('IRLensRestart', function() client.restart() end, { desc = 'Restart the server' })
  add('IRLensLog', function() client.show_log() end, { desc = "Open the server's log" })
end

-- Buffer-local, and never over a mapping that exists.
local function add_mappings(buf)
  if vim.g.irlens_mappings == 0 or vim.g.irlens_mappings == false then
    return
  end
  local function map(keys, command)
    local taken = vim.api.nvim_buf_call(buf, function()
      local found = vim.fn.maparg(keys, 'n', false, true)
      -- Neovim 0.11's own defaults call the same functions.
      return found.rhs ~= nil or found.callback ~= nil
    end)
    if not taken then
      vim.keymap.set('n', keys, '<Cmd>' .. command .. '<CR>', { buffer = buf, silent = true })
    end
  end
  map('gd', 'IRLensDefinition')
  map('gD', 'IRLensDeclaration')
  map('gI', 'IRLensImplementation')
  map('K', 'IRLensHover')
  if not document.is_stage(buf) then
    map('gl', 'IRLensLens')
  end
end

local function is_source(buf)
  local extension = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':e')
  return vim.bo[buf].buftype == '' and (vim.bo[buf].filetype == 'python' or vim.tbl_contains(SOURCES, extension))
end

local function attach(buf)
  if client.attach(buf) then
    add_mappings(buf)
    lens.refresh(buf)
  end
end

local function add_autocommands()
  local group = vim.api.nvim_create_augroup('irlens', { clear = true })
  local function on(events, pattern, callback)
    vim.api.nvim_create_autocmd(events, { group = group, pattern = pattern, callback = callback })
  end
  on('FileType', { 'python', 'mlir', 'irlens' }, function(event)
    if is_source(event.buf) and client.executable() then
      attach(event.buf)
    end
  end)
  on('BufEnter', PATTERNS, function(event)
    if client.of(event.buf) and not document.is_stage(event.buf) then
      last_source = event.buf
    end
  end)
  on({ 'BufEnter', 'InsertLeave' }, PATTERNS, function(event) lens.refresh(event.buf) end)
  on('BufReadCmd', 'irlens://*', function(event) document.read(event.buf, event.match) end)
  on('BufWinEnter', 'irlens://*', function(event)
    document.shown(event.buf)
    add_mappings(event.buf)
  end)
end

function M.setup()
  vim.lsp.commands['irlens.open'] = function(command) document.open(command.arguments[1]) end
  add_commands()
  add_autocommands()
  -- Loaded late by a plugin manager: the buffers that are open already.
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and is_source(buf) and client.executable() then
      attach(buf)
    end
  end
end

return M
