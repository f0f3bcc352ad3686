-- Neovim client of irlens: commands, autocommands, mappings.
-- Called once by plugin/irlens.vim. What users see is made by the server; what is
-- here only shows it with what Neovim 0.7.2 and later have.
local client = require('irlens.client')
local compare = require('irlens.compare')
local document = require('irlens.document')
local lens = require('irlens.lens')
local passes = require('irlens.passes')
local stages = require('irlens.stages')

local M = {}

-- Extensions of the sources in the server's stage table; a test compares them.
local SOURCES = { 'py', 'mlir', 'll', 'ttir', 'ttgir', 'ptx', 'bc', 'pt2', 'pt' }
local PATTERNS = vim.tbl_map(function(extension) return '*.' .. extension end, SOURCES)

local function execute(command)
  stages.with_source(function(buf, server)
    if vim.bo[buf].modified then
      vim.api.nvim_buf_call(buf, function() vim.cmd('silent update') end)
    end
    local params = { command = command, arguments = { vim.uri_from_bufnr(buf) } }
    client.request(server, 'workspace/executeCommand', params, nil, buf)
  end)
end

-- :IRLens [stage [entry]]
local function open_stage(command)
  stages.with_source(function(buf, server)
    local stage, entry = command.fargs[1], command.fargs[2]
    local rows = vim.tbl_filter(function(row)
      return (not stage or row.stage == stage) and (not entry or row.entry == entry)
    end, stages.of(buf, server))
    local wanted = stage and ('stage "' .. table.concat(command.fargs, ' ') .. '"')
    stages.pick(rows, wanted, 'Stage to open:', function(row) document.open(row.uri, command.mods) end)
  end)
end

local function complete(lead, line)
  return stages.complete(lead, line, function() return true end)
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
  add('IRLensPasses', passes.open, { nargs = '*', complete = passes.complete, desc = 'List the passes or steps of a stage' })
  add('IRLensDiffPass', passes.diff, { desc = 'Show what this pass changed' })
  add('IRLensNextPass', function() passes.step('next') end, { desc = 'Go to the next pass' })
  add('IRLensPreviousPass', function() passes.step('previous') end, { desc = 'Go to the previous pass' })
  add('IRLensDiff', compare.stages, { nargs = '+', complete = compare.complete, desc = 'Compare two stages' })
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

-- In the list of a stage's passes or steps, and in the document of a pass.
local LIST_MAPPINGS = { ['<CR>'] = 'IRLensDefinition', gf = 'IRLensDefinition', gx = 'IRLensDefinition' }
local PASS_MAPPINGS = {
  ['^irlens://.*%.passes%.txt$'] = LIST_MAPPINGS,
  ['^irlens://.*%.steps%.txt$'] = LIST_MAPPINGS,
  ['^irlens://.*%.passes%.%d'] = { [']p'] = 'IRLensNextPass', ['[p'] = 'IRLensPreviousPass' },
}

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
    -- What Neovim's own plugins map globally opens files.
    if not taken or keys == 'gx' then
      vim.keymap.set('n', keys, '<Cmd>' .. command .. '<CR>', { buffer = buf, silent = true })
    end
  end
  local name = vim.api.nvim_buf_get_name(buf)
  for pattern, mappings in pairs(PASS_MAPPINGS) do
    for keys, command in pairs(name:match(pattern) and mappings or {}) do
      map(keys, command)
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
      stages.entered(event.buf)
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
  vim.lsp.commands['irlens.diff'] = function(command) compare.show(command.arguments[1], command.arguments[2]) end
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
