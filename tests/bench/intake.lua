-- Intakes at the counter: the same form with another person, another receipt and a form number of its own each time.
dofile(os.getenv("BENCH_LUA") .. "/tell.lua")
wanted = 303
local form, series = os.getenv("BENCH_FORM"), os.getenv("BENCH_SERIES")
local count = 0
local headers = {["Cookie"] = os.getenv("BENCH_COOKIE"), ["Content-Type"] = "application/x-www-form-urlencoded"}

function request()
  count = count + 1
  local body = string.format(form, string.format("%s-%d", series, count), string.format("%012d", 190000000 + count), series, count)
  return wrk.format("POST", "/mot-cua/tiep-nhan", headers, body)
end
