-- The stages of a source file as the server lists them, and choosing one.
local client = require('irlens.client')
local document = require('irlens.document')

local M = {}

-- The last source buffer that was entered: what commands mean when the cursor is
-- in a stage document.
local last_source

function M.entered(buf)
  last_source = buf
end

function M.tell(message)
  vim.notify('irlens: ' .. message, vim.log.levels.WARN)
end

local function source_buffer()
  local current = vim.api.nvim_get_current_buf()
  if client.of(current) and not document.is_stage(current) then
    return current
  end
  return last_source and vim.api.nvim_buf_is_loaded(last_source) and last_source or nil
end

-- Calls `act` with the source buffer and its client, or says why there is none.
function M.with_source(act)
  local buf = source_buffer()
  local server = buf and client.of(buf)
  if server then
    return act(buf, server)
  end
  M.tell(client.executable() and 'open a file with a model or a kernel first' or client.missing())
end

-- Waits for the answer to a command of the server; nil when there is none.
function M.ask(server, buf, command, arguments)
  local params = { command = command, arguments = arguments }
  local reply = client.request_sync(server, 'workspace/executeCommand', params, 1000, buf)
  return reply and type(reply.result) == 'table' and reply.result or nil
end

-- Rows {entry, stage, title, uri, status, passes, steps} of the file; with `all` those of
-- each configuration of autotuned kernels, too.
function M.of(buf, server, all)
  return M.ask(server, buf, 'irlens.stages', { vim.uri_from_bufnr(buf), all or false }) or {}
end

-- Calls `act` with the only row, else with the one that the user chooses; says so
-- where there is none to choose from.
function M.pick(rows, wanted, prompt, act)
  if #rows == 0 then
    M.tell(wanted and ('no ' .. wanted .. ' in this file (yet)') or 'no model found in this file (yet)')
  elseif #rows == 1 then
    act(rows[1])
  else
    vim.ui.select(rows, {
      prompt = prompt,
      format_item = function(row) return row.entry .. ': ' .. row.title end,
    }, function(row)
      if row then
        act(row)
      end
    end)
  end
end

-- For completion: of the file's rows, what `name` gives and `lead` begins, each once.
function M.names(lead, name)
  local buf = source_buffer()
  local server = buf and client.of(buf)
  local seen, names = {}, {}
  for _, row in ipairs(server and M.of(buf, server) or {}) do
    local word = name(row)
    if word and not seen[word] and vim.startswith(word, lead) then
      seen[word] = true
      names[#names + 1] = word
    end
  end
  return names
end

-- Names of stages, then of entries, of the rows that `fits`.
function M.complete(lead, line, fits)
  local field = #vim.split(line, '%s+') > 2 and 'entry' or 'stage'
  return M.names(lead, function(row) return fits(row) and row[field] end)
end

return M
