-- KEYS: the list of lines (Quay's key), what is known of them, and the last half of a log that was cut.
local call = redis.call
local lines, tail, last = KEYS[1], KEYS[2], KEYS[3]

local function num(text)
  return tonumber(text) or 0
end

-- Appends entries from an argument on; one argument may hold several. Beyond half of a limit lines go to the last half, which loses its
-- oldest: so the first and the last half of a long log stay.
local function push(from, maxLines, maxBytes)
  local known = call('HMGET', tail, 'head_bytes', 'last_bytes', 'cut', 'cutting')
  local headBytes, lastBytes, cut, cutting = num(known[1]), num(known[2]), num(known[3]), known[4]
  local headLines = call('LLEN', lines)
  local function add(entry)
    local size = string.len(entry)
    if not cutting and headLines < maxLines / 2 and headBytes + size <= maxBytes / 2 then
      call('RPUSH', lines, entry)
      headLines, headBytes = headLines + 1, headBytes + size
    else
      cutting = '1'
      call('RPUSH', last, entry)
      lastBytes = lastBytes + size
      while call('LLEN', last) > maxLines / 2 or (lastBytes > maxBytes / 2 and call('LLEN', last) > 1) do
        lastBytes = lastBytes - string.len(call('LPOP', last))
        cut = cut + 1
      end
    end
  end
  for i = from, #ARGV do
    if string.find(ARGV[i], '\30', 1, true) then
      for entry in string.gmatch(ARGV[i], '[^\30]+') do
        add(entry)
      end
    else
      add(ARGV[i])
    end
  end
  call('HSET', tail, 'head_bytes', headBytes, 'last_bytes', lastBytes, 'cut', cut)
  if cutting then
    call('HSET', tail, 'cutting', '1')
  end
  return headLines + cut + call('LLEN', last)
end
