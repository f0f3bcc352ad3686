-- The language server as a Neovim LSP client: one per root folder.
-- Hides what changed between Neovim 0.7.2 and 0.12.
local lens = require('irlens.lens')
local progress = require('irlens.progress')

local M = {}

local NAME = 'irlens'

-- The command line, from g:irlens_command (a string or a list).
local function command()
  local set = vim.g.irlens_command or 'irlens'
  local list = type(set) == 'table' and vim.deepcopy(set) or { set }
  list[1] = vim.fn.expand(list[1])
  list[#list + 1] = 'lsp'
  return list
end

function M.executable()
  return vim.fn.executable(command()[1]) == 1
end

function M.missing()
  return command()[1] .. ' is not executable; put irlens on PATH or set g:irlens_command'
end

-- The nearest folder above the file that looks like a project, else its own.
local function root_of(buf)
  local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':p:h')
  for _, mark in ipairs({ '.git', 'pyproject.toml', 'setup.py' }) do
    local above = folder .. ';'
    local found = vim.fn.finddir(mark, above)
    if found == '' then
      found = vim.fn.findfile(mark, above)
    end
    if found ~= '' then
      return (vim.fn.fnamemodify(found, ':p'):gsub('/+$', ''):gsub('/[^/]*$', ''))
    end
  end
  return folder
end

-- From 0.11 on these are methods.
local function call(client, name, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

function M.request(client, method, params, handler, buf)
  return call(client, 'request', method, params, handler, buf)
end

function M.request_sync(client, method, params, timeout, buf)
  return call(client, 'request_sync', method, params, timeout, buf)
end

function M.all()
  local list = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
  return vim.tbl_filter(function(client) return client.name == NAME end, list)
end

-- The client of a buffer, nil if it has none.
function M.of(buf)
  for _, client in ipairs(M.all()) do
    if client.attached_buffers[buf] then
      return client
    end
  end
end

local function capabilities()
  local all = vim.lsp.protocol.make_client_capabilities()
  all.workspace.textDocumentContent = { dynamicRegistration = false }
  all.workspace.codeLens = { refreshSupport = true }
  return all
end

-- Before 0.11: to the window that shows the file already, not over the document.
local function go_to_one(err, result, context, config)
  local place = result and (result[1] or result)
  local uri = place and (place.uri or place.targetUri)
  local win = uri and vim.fn.bufwinid(vim.uri_to_bufnr(uri)) or -1
  if win ~= -1 then
    vim.api.nvim_set_current_win(win)
  end
  return vim.lsp.handlers[context.method](err, result, context, config)
end

-- Before 0.11: several places are listed; Neovim would also go to the first of them,
-- over the source.
local function go_to_implementation(err, result, context, config)
  if not result or #result < 2 then
    return vim.lsp.handlers['textDocument/implementation'](err, result, context, config)
  end
  local server = vim.lsp.get_client_by_id(context.client_id)
  local items = vim.lsp.util.locations_to_items(result, server.offset_encoding)
  vim.fn.setqflist({}, ' ', { title = 'irlens', items = items })
  vim.cmd('botright copen')
end

local function configuration(buf)
  local settings = vim.g.irlens_settings or vim.empty_dict()
  return {
    name = NAME,
    cmd = command(),
    root_dir = root_of(buf),
    capabilities = capabilities(),
    settings = { irlens = settings },
    init_options = { clientCommands = { 'irlens.open', 'irlens.diff' }, virtualDocuments = true, irlens = settings },
    handlers = {
      ['workspace/textDocumentContent/refresh'] = function(_, params)
        require('irlens.document').refresh(params.uri)
        return vim.NIL -- 0.7.2 takes nil for "no answer"
      end,
      ['workspace/codeLens/refresh'] = lens.refresh_handler(),
      ['textDocument/codeLens'] = lens.handler(),
      ['textDocument/definition'] = go_to_one,
      ['textDocument/declaration'] = go_to_one,
      ['textDocument/implementation'] = go_to_implementation,
      ['$/progress'] = progress.handler,
    },
    -- A lens that runs the server's command, without the refresh of 0.7's own
    -- display that would draw the lenses twice.
    commands = {
      ['irlens.run'] = function(cmd, context)
        local client = vim.lsp.get_client_by_id(context.client_id)
        M.request(client, 'workspace/executeCommand', { command = cmd.command, arguments = cmd.arguments }, nil, context.bufnr)
      end,
    },
  }
end

-- Root folders of the clients that we have started, by id: before 0.8 a client is
-- not listed until it is initialized, and a second one must not be started by then.
local started = {}

local function start(config)
  local id = vim.lsp.start_client(config)
  if id then
    started[id] = config.root_dir
  end
  return id
end

-- The client of a root folder (of any, without one) that is not initialized yet.
local function starting(root)
  for id, folder in pairs(started) do
    local client = vim.lsp.get_client_by_id(id)
    if client and not client.initialized and not call(client, 'is_stopped') and (not root or folder == root) then
      return id
    end
  end
end

-- Attaches the server of the buffer's project, which is started if need be.
function M.attach(buf)
  local config = configuration(buf)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buf })
  end
  local id
  for _, client in ipairs(M.all()) do
    if client.config.root_dir == config.root_dir then
      id = client.id
    end
  end
  id = id or starting(config.root_dir) or start(config)
  if id then
    vim.lsp.buf_attach_client(buf, id)
  end
  return id
end

-- Attaches one more buffer to a client.
function M.join(buf, client)
  if not client.attached_buffers[buf] then
    vim.lsp.buf_attach_client(buf, client.id)
  end
end

local function wait_until_initialized()
  vim.wait(2000, function()
    return #vim.tbl_filter(function(client) return client.initialized end, M.all()) > 0
  end, 10)
end

-- The clients that may know a stage document: a running one, else one is started.
function M.for_document(buf)
  if #M.all() == 0 and not starting() and M.executable() then
    local config = configuration(buf)
    config.root_dir = vim.fn.getcwd()
    start(config)
  end
  wait_until_initialized()
  return M.all()
end

-- Stops all servers and attaches their buffers to new ones.
function M.restart()
  local buffers = {}
  for _, client in ipairs(M.all()) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    call(client, 'stop')
  end
  if not vim.wait(3000, function() return #M.all() == 0 end, 20) then
    for _, client in ipairs(M.all()) do
      call(client, 'stop', true)
    end
    vim.wait(3000, function() return #M.all() == 0 end, 20)
  end
  local document = require('irlens.document')
  for _, buf in ipairs(vim.tbl_filter(function(buf) return not document.is_stage(buf) end, buffers)) do
    M.attach(buf)
  end
  wait_until_initialized()
  for _, buf in ipairs(vim.tbl_filter(document.is_stage, buffers)) do
    document.shown(buf)
  end
end

-- The server's stderr goes to Neovim's own LSP log.
function M.show_log()
  local file = vim.lsp.get_log_path and vim.lsp.get_log_path() or vim.lsp.log.get_filename()
  vim.cmd('tabnew ' .. vim.fn.fnameescape(file))
  vim.cmd('normal! G')
end

return M
