package dev.buildman.orchestrator.events;

import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import dev.buildman.redis.ServerFacts;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Every manager's sign of life, once a second. A gap, a step of Redis's clock or a failover begins
 * a grace in which no lease ends.
 */
public final class Tick {
  private static final Script SCRIPT = Script.load(Tick.class, "tick.lua");

  private final OrchestratorScripts scripts;
  private final Supplier<ServerFacts> server;

  /**
   * @param server reads the facts from the server that has the orchestrator's keys
   */
  public Tick(OrchestratorScripts scripts, Supplier<ServerFacts> server) {
    this.scripts = scripts;
    this.server = server;
  }

  /**
   * Always Applied.
   *
   * @param manager who ticks, for the history of Redis's outages
   */
  public Result<Ticked> run(ManagerId manager) {
    ServerFacts facts = server.get();
    Arguments arguments =
        new Arguments()
            .with("manager", manager)
            .with("replication", facts.replicationId())
            .with("restarted", facts.restartedWithAppendOnlyFile());
    return scripts.run(
        SCRIPT,
        arguments,
        reply ->
            new Ticked(reply.time("grace_until"), reply.time("claims_from"), reply.flag("gap")));
  }

  /**
   * @param graceUntil no lease ends before it; empty: no grace
   * @param claimsFrom no build is claimed before it, after a failover; empty: they are
   * @param gap whether this tick found a gap; the first tick of all begins a grace, but finds none
   */
  public record Ticked(Optional<Instant> graceUntil, Optional<Instant> claimsFrom, boolean gap) {}
}
