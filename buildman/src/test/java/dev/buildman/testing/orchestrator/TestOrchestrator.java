package dev.buildman.testing.orchestrator;

import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorKeys;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.duty.Duties;
import dev.buildman.orchestrator.duty.DutyConfirmed;
import dev.buildman.orchestrator.duty.DutyPostponed;
import dev.buildman.orchestrator.duty.LaunchAnswered;
import dev.buildman.orchestrator.duty.TakeDuties;
import dev.buildman.orchestrator.events.Due;
import dev.buildman.orchestrator.events.LogClosed;
import dev.buildman.orchestrator.events.Presence;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.orchestrator.job.Expire;
import dev.buildman.orchestrator.job.FinishExit;
import dev.buildman.orchestrator.job.FinishPhase;
import dev.buildman.orchestrator.job.Heartbeat;
import dev.buildman.orchestrator.job.Intend;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.Launched;
import dev.buildman.orchestrator.job.MoveOn;
import dev.buildman.orchestrator.job.Register;
import dev.buildman.orchestrator.job.Registered;
import dev.buildman.orchestrator.job.Registration;
import dev.buildman.orchestrator.job.ReleaseSlot;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Cancel;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.ClaimedBuild;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.orchestrator.queue.LetGo;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.orchestrator.queue.Park;
import dev.buildman.orchestrator.queue.ParkNamespace;
import dev.buildman.orchestrator.queue.Promote;
import dev.buildman.orchestrator.queue.Retire;
import dev.buildman.orchestrator.queue.RetryBuild;
import dev.buildman.orchestrator.queue.WakeDelayed;
import dev.buildman.orchestrator.queue.WakeParked;
import dev.buildman.redis.Script;
import dev.buildman.redis.ServerFacts;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * All transitions on a test's own keys, with a clock that the test moves, and short ways to bring a
 * build somewhere. The long names of things stand for themselves: build, claim, intend, register.
 */
public final class TestOrchestrator {
  public static final ManagerId MANAGER = new ManagerId("manager-1");
  public static final HostId HOST = new HostId("host-1");
  public static final ExecutorName EXECUTOR = new ExecutorName("first");
  public static final ExecutorName SECOND = new ExecutorName("second");
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TestRedis redis;
  private final AtomicReference<Instant> time = new AtomicReference<>(START);
  private final AtomicReference<Limits> limits = new AtomicReference<>(Limits.defaults());
  private final AtomicLong counter = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile ServerFacts facts = new ServerFacts("7.0.15", "replication-1", false, true, "");

  public final OrchestratorScripts scripts;
  public final Enqueue enqueue;
  public final RetryBuild retryBuild;
  public final Cancel cancel;
  public final Claim claim;
  public final Park park;
  public final ParkNamespace parkNamespace;
  public final WakeDelayed wakeDelayed;
  public final WakeParked wakeParked;
  public final LetGo letGo;
  public final Promote promote;
  public final Retire retire;
  public final Builds builds;
  public final Intend intend;
  public final Launched launched;
  public final MoveOn moveOn;
  public final Register register;
  public final Heartbeat heartbeat;
  public final SetPhase setPhase;
  public final FinishPhase finishPhase;
  public final FinishExit finishExit;
  public final Expire expire;
  public final ReleaseSlot releaseSlot;
  public final Jobs jobs;
  public final TakeDuties takeDuties;
  public final DutyConfirmed dutyConfirmed;
  public final DutyPostponed dutyPostponed;
  public final LaunchAnswered launchAnswered;
  public final Duties duties;
  public final Tick tick;
  public final Due due;
  public final LogClosed logClosed;
  public final Presence presence;
  public final StatusReader status;

  public TestOrchestrator(TestRedis redis) {
    this(redis, UnaryOperator.identity());
  }

  /**
   * @param patch changes scripts before they run: to break a rule
   */
  public TestOrchestrator(TestRedis redis, UnaryOperator<Script> patch) {
    this.redis = redis;
    this.scripts = redis.scripts(limits::get, RedisTime.of(time)).patched(patch);
    enqueue = new Enqueue(scripts);
    retryBuild = new RetryBuild(scripts);
    cancel = new Cancel(scripts);
    claim = new Claim(scripts);
    park = new Park(scripts);
    parkNamespace = new ParkNamespace(scripts);
    wakeDelayed = new WakeDelayed(scripts);
    wakeParked = new WakeParked(scripts);
    letGo = new LetGo(scripts);
    promote = new Promote(scripts);
    retire = new Retire(scripts);
    builds = new Builds(scripts);
    intend = new Intend(scripts);
    launched = new Launched(scripts);
    moveOn = new MoveOn(scripts);
    register = new Register(scripts);
    heartbeat = new Heartbeat(scripts);
    setPhase = new SetPhase(scripts);
    finishPhase = new FinishPhase(scripts);
    finishExit = new FinishExit(scripts);
    expire = new Expire(scripts);
    releaseSlot = new ReleaseSlot(scripts);
    jobs = new Jobs(scripts);
    takeDuties = new TakeDuties(scripts);
    dutyConfirmed = new DutyConfirmed(scripts);
    dutyPostponed = new DutyPostponed(scripts);
    launchAnswered = new LaunchAnswered(scripts);
    duties = new Duties(scripts);
    tick = new Tick(scripts, () -> facts);
    due = new Due(scripts);
    logClosed = new LogClosed(scripts);
    presence = new Presence(scripts);
    status = new StatusReader(scripts);
    tick.run(MANAGER);
    // The first tick of all begins a grace, as nobody knows what was before: step over it.
    advance(Duration.ofSeconds(100));
  }

  /** The value of a transition that must hold. */
  public static <T> T sure(Result<T> result) {
    return result
        .held()
        .orElseThrow(() -> new AssertionError("it was not to be refused: " + result));
  }

  public TestRedis redis() {
    return redis;
  }

  public OrchestratorKeys keys() {
    return redis.keys();
  }

  public Instant now() {
    return time.get();
  }

  /** Moves the clock while managers tick, so that nothing looks like an outage. */
  public void advance(Duration by) {
    Duration left = by;
    while (left.compareTo(Duration.ofSeconds(9)) > 0) {
      jump(Duration.ofSeconds(9));
      tick.run(MANAGER);
      left = left.minusSeconds(9);
    }
    jump(left);
    tick.run(MANAGER);
  }

  /** Moves the clock without a tick: an outage, or a step of the clock. */
  public void jump(Duration by) {
    time.updateAndGet(now -> now.plus(by));
  }

  public Limits limits() {
    return limits.get();
  }

  public void limits(Limits other) {
    limits.set(other);
  }

  /** Sets what the server says of itself at the next tick. */
  public void facts(ServerFacts other) {
    facts = other;
  }

  /** Allows this many workers. */
  public TestOrchestrator allow(int workers) {
    Limits.Capacity capacity = limits.get().capacity();
    limits.set(
        limits
            .get()
            .with(
                new Limits.Capacity(
                    workers,
                    capacity.perRepository(),
                    capacity.perNamespace(),
                    capacity.maxQueued())));
    return this;
  }

  /** A build that is not enqueued yet. */
  public static NewBuild build(String repository) {
    return build(repository, NewBuild.Options.DEFAULT);
  }

  public static NewBuild build(String repository, NewBuild.Options options) {
    return new NewBuild(
        BuildId.random(),
        RepositoryName.parse(repository),
        SealedSpec.of(new byte[] {1, 0, (byte) 0xff}),
        "hash",
        options);
  }

  /** Enqueues a build of a repository. */
  public BuildId enqueued(String repository) {
    return enqueue.run(build(repository)).held().orElseThrow();
  }

  public Nonce nonce() {
    return nonce(MANAGER);
  }

  public Nonce nonce(ManagerId manager) {
    return Nonce.of(manager, counter.incrementAndGet(), new byte[16]);
  }

  /** Claims the next build, which must be there. */
  public ClaimedBuild claimed() {
    return claim.run(nonce(), 1).held().orElseThrow().getFirst();
  }

  public static WorkerPlace place(ExecutorName executor, JobRef job) {
    return new WorkerPlace(
        executor,
        Optional.empty(),
        "worker-" + job.attempt().number(),
        OptionalInt.empty(),
        Optional.empty());
  }

  /** Claims the next build and records its intent. */
  public JobRef intended() {
    JobRef job = claimed().job();
    sure(intend.run(job, place(EXECUTOR, job)));
    return job;
  }

  /** Claims the next build and brings it to a launched worker. */
  public JobRef launched() {
    JobRef job = intended();
    sure(launched.run(job, "id-" + job.attempt().number(), Duration.ofSeconds(500)));
    return job;
  }

  public static final Set<String> ALL = Set.of("build_args");

  public Registration registration(JobRef job, String version) {
    return new Registration(
        job,
        EXECUTOR,
        "call-" + calls.incrementAndGet(),
        new Registration.Agent(version, ALL),
        MANAGER,
        Optional.empty(),
        Set.of());
  }

  /** Claims the next build and brings it to a registered agent of ours. */
  public SessionRef registered() {
    return registered(launched());
  }

  public SessionRef registered(JobRef job) {
    return register.run(registration(job, "1.0")).held().map(Registered::session).orElseThrow();
  }

  /** The next build with a registered agent of Quay's. */
  public SessionRef registeredQuay() {
    return register.run(registration(launched(), "")).held().map(Registered::session).orElseThrow();
  }

  /** The next build in a phase of its agent. */
  public SessionRef in(Phase phase) {
    SessionRef session = registered();
    to(session, 1, phase);
    return session;
  }

  public Result<Phase> to(SessionRef session, int sequence, Phase phase) {
    return setPhase.run(new SetPhase.Step(session, sequence, MANAGER), phase, "");
  }

  public static JobRef job(SessionRef session) {
    return new JobRef(session.attempt(), session.nonce());
  }

  public BuildRecord record(BuildId id) {
    return builds.get(id).orElseThrow();
  }

  public Phase phase(BuildId id) {
    return record(id).standing().phase();
  }

  public JobRecord jobOf(BuildId id) {
    return jobs.get(id).orElseThrow();
  }

  public List<String> reasons(BuildId id) {
    return builds.history(id).stream().map(entry -> entry.reason()).toList();
  }

  /** Everything in Redis that a client could see change: to show that nothing was written. */
  public String dump(BuildId id) {
    return redis.raw().hgetall(keys().build(id))
        + " "
        + redis.raw().hgetall(keys().job(id))
        + " "
        + redis.raw().zrangeWithScores(keys().slots(), 0, -1)
        + " "
        + redis.raw().lrange(keys().history(id), 0, -1);
  }
}
