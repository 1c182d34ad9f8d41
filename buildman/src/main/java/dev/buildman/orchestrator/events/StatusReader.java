package dev.buildman.orchestrator.events;

import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads numbers of the whole installation, and who is there. O(executors + managers). */
public final class StatusReader {
  private static final Script STATUS = Script.load(StatusReader.class, "status.lua");
  private static final Script MANAGERS = Script.load(StatusReader.class, "managers.lua");
  private static final Script FOUND = Script.load(StatusReader.class, "found.lua");

  private final OrchestratorScripts scripts;

  public StatusReader(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  public OrchestratorStatus read() {
    Reply reply = scripts.read(STATUS, new Arguments());
    Map<String, Integer> live = new TreeMap<>();
    reply.children("live").forEach(one -> live.put(one.text("executor"), one.integer("workers")));
    Map<String, Why> aside = new TreeMap<>();
    reply
        .children("aside")
        .forEach(
            one -> aside.put(one.text("ns"), new Why(one.text("reason"), one.text("sentence"))));
    return new OrchestratorStatus(
        queue(reply),
        reply.integer("slots"),
        live,
        new OrchestratorStatus.Duties(reply.integer("duties"), age(reply, "duties_since")),
        outage(reply),
        managers(),
        aside);
  }

  /** Managers that are there. */
  public List<ManagerInfo> managers() {
    return scripts.read(MANAGERS, new Arguments()).children("managers").stream()
        .map(
            one ->
                new ManagerInfo(
                    new ManagerId(one.text("id")),
                    new HostId(one.text("host")),
                    daemons(one.text("daemons")),
                    one.text("version"),
                    one.time("started").orElse(Instant.EPOCH),
                    new ManagerInfo.State(
                        one.flag("draining"), ExecutorCondition.parse(one.text("executors")))))
        .toList();
  }

  private static Set<HostId> daemons(String words) {
    return Arrays.stream(words.split(" ", -1))
        .filter(word -> !word.isEmpty())
        .map(HostId::new)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Names the state in Redis, once: what was written first stays. Another uuid than before means
   * that Redis was replaced.
   *
   * @param candidate the installation's id, and a new uuid for the case that Redis is empty
   */
  public Installation found(Installation candidate) {
    Reply reply =
        scripts.read(
            FOUND,
            new Arguments().with("installation", candidate.id()).with("state", candidate.state()));
    return new Installation(reply.text("installation"), reply.text("state"));
  }

  private static OrchestratorStatus.Queue queue(Reply reply) {
    Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
    reply
        .children("phases")
        .forEach(one -> phases.put(Phase.ofWord(one.text("phase")), one.integer("builds")));
    return new OrchestratorStatus.Queue(
        phases,
        reply.integer("runnable"),
        reply.integer("delayed"),
        reply.integer("parked"),
        reply.integer("jobs"),
        age(reply, "oldest"));
  }

  private static OrchestratorStatus.Outage outage(Reply reply) {
    return new OrchestratorStatus.Outage(
        now(reply),
        reply.time("tick"),
        reply.time("grace_from"),
        reply.time("grace_until"),
        reply.time("claims_from"));
  }

  private static Optional<Duration> age(Reply reply, String since) {
    return reply.time(since).map(instant -> Duration.between(instant, now(reply)));
  }

  private static Instant now(Reply reply) {
    return reply.time("now").orElse(Instant.EPOCH);
  }
}
