package dev.buildman.bench;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Exit;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Workers that cost nothing: a launch is a line to the load generator, which plays the agent and
 * answers with a line when it has gone.
 */
public final class NoopExecutor implements Executor {
  private final ExecutorName name;
  private final Installation installation;
  private final Socket socket;
  private final Writer out;
  private final Map<String, SeenWorker> workers = new ConcurrentHashMap<>();
  private final List<WorkerListener> listeners = new CopyOnWriteArrayList<>();

  public NoopExecutor(ExecutorName name, Installation installation, int port) {
    this.name = name;
    this.installation = installation;
    try {
      this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      this.out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      Threads.start("noop-workers", () -> in.lines().forEach(this::gone));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ExecutorName name() {
    return name;
  }

  @Override
  public Optional<HostId> host() {
    return Optional.empty();
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    ExecutionId id = new ExecutionId(request.name().value());
    WorkerRef ref = WorkerRef.of(request.name(), id);
    workers.put(id.value(), new SeenWorker(request.attempt(), ref, installation.state()));
    try {
      synchronized (out) {
        out.write(id + " " + request.attempt().build() + " " + request.token().reveal() + "\n");
        out.flush();
      }
    } catch (IOException e) {
      return new LaunchResult.Unknown("the load generator is away: " + e);
    }
    return new LaunchResult.Started(id);
  }

  private void gone(String id) {
    SeenWorker worker = workers.remove(id);
    if (worker != null) {
      listeners.forEach(l -> l.on(new WorkerEvent.Exited(worker, Exit.unknown())));
    }
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    workers.remove(worker.name().value());
    return new StopResult.Asked();
  }

  @Override
  public Presence confirmGone(WorkerRef worker) {
    return isThere(worker.name()) ? new Presence.Present() : new Presence.Gone(Exit.unknown());
  }

  private boolean isThere(ExecutionName worker) {
    return workers.containsKey(worker.value());
  }

  @Override
  public Inventory list() {
    return new Inventory.Listed(List.copyOf(workers.values()));
  }

  @Override
  public Watch watch(WorkerListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
