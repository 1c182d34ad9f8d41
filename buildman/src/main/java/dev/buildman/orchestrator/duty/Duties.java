package dev.buildman.orchestrator.duty;

import dev.buildman.model.AttemptId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.List;
import java.util.Optional;

/** Reads duties. Reading changes nothing and may be repeated. */
public final class Duties {
  private static final Script GET = Script.load(Duties.class, "get-duty.lua");
  private static final Script OPEN = Script.load(Duties.class, "open-duties.lua");

  private final OrchestratorScripts scripts;

  public Duties(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** The open duty of an attempt; empty: none. Compare its nonce with the worker's. */
  public Optional<Duty> get(AttemptId attempt) {
    Arguments arguments =
        new Arguments().with("id", attempt.build()).with("attempt", attempt.number());
    return scripts.read(GET, arguments).children("duties").stream().map(Duty::of).findFirst();
  }

  /** Open duties of all hosts, oldest first. */
  public List<Duty> open(int most) {
    return scripts.read(OPEN, new Arguments().with("most", most)).children("duties").stream()
        .map(Duty::of)
        .toList();
  }
}
