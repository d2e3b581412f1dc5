-- The question of exchange.mjs, again and again.
dofile(os.getenv("BENCH_LUA") .. "/tell.lua")
response = nil -- wrk counts answers over 399 by itself; looking at each would be the load's own cost
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Road-Client"] = os.getenv("BENCH_CLIENT")
wrk.headers["Axis-Token"] = os.getenv("BENCH_TOKEN")
