package dev.buildman.e2e;

import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/**
 * Stops single threads of a manager where they enter a method, as a person with a debugger does:
 * for what happens between two of its lines. Everything else in the manager goes on.
 */
final class Debugger implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final VirtualMachine machine;
  private final List<Stop> stops = new CopyOnWriteArrayList<>();

  /** A thread that is stopped, or will be. */
  static final class Stop {
    private final String type;
    private final String method;
    private final List<String> threads;
    private final CompletableFuture<ThreadReference> reached = new CompletableFuture<>();

    private Stop(String type, String method, List<String> threads) {
      this.type = type;
      this.method = method;
      this.threads = threads;
    }

    /** Waits until the thread stands there. */
    void awaitReached() {
      Awaitility.await("somebody enters " + type + "." + method)
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(20))
          .until(reached::isDone);
    }

    /** Lets it go on. */
    void release() {
      reached.join().resume();
    }

    private boolean takes(BreakpointEvent event) {
      String name = event.thread().name();
      return event.location().declaringType().name().equals(type)
          && event.location().method().name().equals(method)
          && threads.stream().anyMatch(name::contains)
          && reached.complete(event.thread());
    }
  }

  private Debugger(VirtualMachine machine) {
    this.machine = machine;
    Thread.ofPlatform().daemon().name("debugger").start(this::listen);
  }

  /** Attaches to a JVM that listens for debuggers on this port of loopback. */
  static Debugger attach(int port) throws IOException {
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(c -> c.name().equals("com.sun.jdi.SocketAttach"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(Integer.toString(port));
    try {
      return new Debugger(connector.attach(arguments));
    } catch (IllegalConnectorArgumentsException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The next thread with one of these parts in its name that enters the method stops before its
   * first line.
   */
  Stop stopAt(String type, String method, String... threads) {
    Stop stop = new Stop(type, method, List.of(threads));
    stops.add(stop);
    List<ReferenceType> loaded = machine.classesByName(type);
    if (loaded.isEmpty()) {
      ClassPrepareRequest request = machine.eventRequestManager().createClassPrepareRequest();
      request.addClassFilter(type);
      request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
      request.enable();
    }
    loaded.forEach(one -> breakAt(one, method));
    return stop;
  }

  private void breakAt(ReferenceType type, String method) {
    try {
      BreakpointRequest request =
          machine
              .eventRequestManager()
              .createBreakpointRequest(
                  type.methodsByName(method).getFirst().allLineLocations().getFirst());
      request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
      request.enable();
    } catch (AbsentInformationException e) {
      throw new IllegalStateException("the manager was compiled without line numbers", e);
    }
  }

  private void listen() {
    try {
      while (true) {
        EventSet events = machine.eventQueue().remove();
        boolean stopped = false;
        for (Event event : events) {
          stopped |= isStopped(event);
        }
        if (!stopped) {
          events.resume();
        }
      }
    } catch (VMDisconnectedException e) {
      // The manager was killed: all its threads have ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isStopped(Event event) {
    return switch (event) {
      case ClassPrepareEvent prepared -> {
        stops.stream()
            .filter(stop -> stop.type.equals(prepared.referenceType().name()))
            .forEach(stop -> breakAt(prepared.referenceType(), stop.method));
        yield false;
      }
      case BreakpointEvent reached -> stops.stream().anyMatch(stop -> stop.takes(reached));
      default -> false;
    };
  }

  /** Lets everything go on and leaves. */
  @Override
  public void close() {
    try {
      machine.dispose();
    } catch (VMDisconnectedException e) {
      // It has ended.
    }
  }
}
