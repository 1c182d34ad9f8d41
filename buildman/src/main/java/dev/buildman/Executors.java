package dev.buildman;

import dev.buildman.executor.Executor;
import dev.buildman.executor.popen.PopenExecutor;
import dev.buildman.executor.popen.PopenSettings;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.reconcile.KnownExecutors;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ChainLink;
import dev.buildman.schedule.ExecutorChain;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The executors of the configuration.
 *
 * @param chain in order of preference
 * @param known by name
 */
record Executors(ExecutorChain chain, KnownExecutors known) {

  /** Where all of them are. */
  record Surroundings(Installation installation, HostId host, InstantSource clock) {}

  static Executors of(List<PopenSettings> settings, Surroundings here, Closing closing) {
    List<ChainLink> links = new ArrayList<>();
    List<Executor> executors = new ArrayList<>();
    for (PopenSettings popen : settings) {
      Executor executor =
          new PopenExecutor(
              popen, here.installation(), here.host(), Sleeper.system(), here.clock());
      executors.add(closing.add("executor " + executor.name(), executor));
      links.add(new ChainLink(executor, popen.common(), Ticker.system(), Sleeper.system()));
    }
    return new Executors(new ExecutorChain(links), new KnownExecutors(executors));
  }
}
