# Runs one worker. $1: its folder. $2: the agent's program. $3: "env" where the agent wants its
# token in the environment. Started as the leader of a session of its own, so that all that the
# agent starts can be found. Outlives the manager and leaves behind how the agent ended.
#
# A trap, not "ignore": children inherit ignored signals, and the agent must hear TERM.
trap : HUP INT TERM
cd "$1/work" || exit 71
read -r stat <"/proc/$$/stat"
printf '%s\n' "$stat" >"$1/stat.new" && mv "$1/stat.new" "$1/stat"
if [ "$3" = env ]; then
  # Only here: so the token stands in no environment but the agent's.
  TOKEN=$(cat "$1/token")
  export TOKEN
  rm -f "$1/token"
fi
"$2" >>"$1/output" 2>&1 </dev/null
status=$?
printf '%s\n' "$status" >"$1/exit.new" && mv "$1/exit.new" "$1/exit"
exit "$status"
