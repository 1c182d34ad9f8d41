package dev.buildman.agent.source;

import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.source.SourceLocation.Git;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.source.SourceLocation.None;
import dev.buildman.agent.source.SourceLocation.Packed;
import dev.buildman.agent.source.SourceRequest.PathOrigin;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sources with everything real but the waiting between tries; a new work folder for each fetch. */
final class SourceFixture {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final Path dir;
  private final Executables programs;

  SourceFixture(Path dir) {
    this(dir, "");
  }

  /**
   * @param path where programs are looked for first
   */
  SourceFixture(Path dir, String path) {
    this(dir, new Executables(path));
  }

  /**
   * @param programs that there are
   */
  SourceFixture(Path dir, Executables programs) {
    this.dir = dir;
    this.programs = programs;
  }

  static SourceLimits small() {
    return new SourceLimits(
        1 << 20, 4 << 20, 100, 300, Duration.ofSeconds(30), Duration.ofSeconds(5));
  }

  static SourceRequest packed(String url) {
    return request(new Packed(url, null), "", "");
  }

  static SourceRequest git(String url, String revision, Login login) {
    return request(new Git(url, revision, "", false, login), "", "");
  }

  static SourceRequest inline(String dockerfile) {
    return new SourceRequest(new None(), "", "", PathOrigin.SOURCE, dockerfile);
  }

  static SourceRequest request(SourceLocation location, String context, String dockerfile) {
    return new SourceRequest(location, context, dockerfile, PathOrigin.SOURCE, null);
  }

  FetchedSource fetch(SourceRequest request) throws Exception {
    return fetch(request, SourceLimits.defaults());
  }

  FetchedSource fetch(SourceRequest request, SourceLimits limits) throws Exception {
    Processes processes = new Processes(Ticker.system(), Sleeper.system(), programs, Map.of());
    Path workDir = Files.createTempDirectory(dir, "work");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return new Sources(processes, http, limits, Ticker.system(), pauses::add, Map.of())
          .fetch(request, workDir, lines::add);
    }
  }

  /** How long it would have waited between tries. */
  List<Duration> pauses() {
    return pauses;
  }

  /** What a person saw. */
  List<String> lines() {
    return lines;
  }
}
