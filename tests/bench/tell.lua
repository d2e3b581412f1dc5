-- What a load prints at its end, for whoever started it. A load names the status it counts on in `wanted`; answers over 399 are
-- wrong for every load (wrk counts those itself), and a load that drops `response` does without a look at each of the others.
local threads = {}
local wrong = 0
wanted = 200

function setup(thread) table.insert(threads, thread) end

function response(status, headers, body)
  if status == wanted then return end
  wrong = wrong + 1
  wrong_count = wrong
  if wrong == 1 then wrong_first = status .. " " .. string.gsub(string.sub(body or "", 1, 3000), "[^%w ]", " ") end
end

function done(summary, latency, requests)
  local count, first = summary.errors.status, ""
  for _, thread in ipairs(threads) do
    count = math.max(count, thread:get("wrong_count") or 0)
    first = thread:get("wrong_first") or first
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%.3f,"errors":%d,"wrong":%d,"first":"%s","p50_ms":%.3f,"p99_ms":%.3f}\n', summary.requests,
    summary.duration / 1e6, errors, count, first, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
