-- What wrk sends: the body of a file, each time with the token of somebody else.
-- wrk ... -s graphql.lua URL -- TOKENS BODY
local requests = {}

function init(args)
  local file = assert(io.open(args[2], "r"))
  local body = file:read("*a")
  file:close()
  for token in io.lines(args[1]) do
    wrk.headers["authorization"] = "Bearer " .. token
    wrk.headers["content-type"] = "application/json"
    requests[#requests + 1] = wrk.format("POST", wrk.path, wrk.headers, body)
  end
  math.randomseed(tonumber(args[3]))
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
