-- The passes of a stage: their list, steps from one to the next, what one has changed.
-- The steps of a stage that a user wrote as several are listed in the same way.
-- Which pass a document shows, and what stands around it, says the server.
local client = require('irlens.client')
local compare = require('irlens.compare')
local document = require('irlens.document')
local stages = require('irlens.stages')

local M = {}

-- The server's command that lists what the stage of a row went through; nil if there is none.
local function lister(row)
  return row.steps and 'irlens.steps' or row.passes and 'irlens.passes' or nil
end

-- :IRLensPasses [stage [entry]]: the list, with the cursor in it.
function M.open(command)
  local stage, entry = command.fargs[1], command.fargs[2]
  stages.with_source(function(buf, server)
    local rows = vim.tbl_filter(function(row)
      return lister(row) and (not stage or row.stage == stage) and (not entry or row.entry == entry)
    end, stages.of(buf, server))
    local wanted = 'stage ' .. table.concat(command.fargs, ' ') .. ' with passes or steps'
    stages.pick(rows, wanted, 'Stage whose passes or steps to list:', function(row)
      local list = stages.ask(server, buf, lister(row), { vim.uri_from_bufnr(buf), row.entry, row.stage })
      if list then
        document.show(list.uri, command.mods)
      end
    end)
  end)
end

function M.complete(lead, line)
  return stages.complete(lead, line, lister)
end

-- What the server says of the pass of a document; in a list, of the one on a line.
local function place_of(uri, line)
  local buf = vim.api.nvim_get_current_buf()
  local server = client.of(buf)
  return server and stages.ask(server, buf, 'irlens.pass', { uri, line }) or {}
end

local function place()
  if not document.is_stage(0) then
    return {}
  end
  return place_of(vim.api.nvim_buf_get_name(0), vim.api.nvim_win_get_cursor(0)[1] - 1)
end

-- :IRLensDiffPass: the IR before and after the pass.
function M.diff()
  local here = place()
  if here.before then
    compare.show(here.before, here.uri)
  else
    stages.tell(here.uri and 'there is nothing to compare this pass with' or 'this is no document of a pass')
  end
end

-- Shows the neighbour ("previous" or "next") instead; in a comparison, what that has
-- changed.
function M.step(to)
  local uri = place()[to]
  local there = uri and vim.wo.diff and place_of(uri, 0) or {}
  if not uri then
    stages.tell('there is no ' .. to .. ' pass')
  elseif there.before then
    compare.show(there.before, uri)
  else
    vim.cmd('keepalt edit ' .. vim.fn.fnameescape(uri))
  end
end

return M
