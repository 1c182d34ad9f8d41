package dev.buildman.agent.source;

import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fetches sources. May be used by any thread, for one source at a time per work folder. */
public final class Sources implements AutoCloseable {
  private final Processes processes;
  private final HttpClient http;
  private final SourceLimits limits;
  private final Ticker ticker;
  private final Sleeper sleeper;
  private final Map<String, String> environment;

  /**
   * @param http with the worker's proxy and authorities; must follow no redirects by itself
   * @param environment what git gets of the worker's: proxies and authorities
   */
  public Sources(
      Processes processes,
      HttpClient http,
      SourceLimits limits,
      Ticker ticker,
      Sleeper sleeper,
      Map<String, String> environment) {
    this.processes = processes;
    this.http = http;
    this.limits = limits;
    this.ticker = ticker;
    this.sleeper = sleeper;
    this.environment = Map.copyOf(environment);
  }

  /** Drops all connections; nothing can be fetched any more. */
  @Override
  public void close() {
    http.shutdownNow();
  }

  /**
   * Fetches and unpacks a source.
   *
   * @param workDir an existing folder for sources alone; what is fetched stays in it, keys and
   *     downloads do not
   * @throws SourceFailure with the code that decides whether the build is repeated
   * @throws InterruptedException within a second of the thread's interruption
   */
  public FetchedSource fetch(SourceRequest request, Path workDir, SourceLog log)
      throws SourceFailure, InterruptedException {
    Budget budget = new Budget(limits, ticker);
    try {
      Path root = privateFolder(workDir.toRealPath().resolve("source"));
      return switch (request.location()) {
        case SourceLocation.None none -> inline(request, root);
        case SourceLocation.Packed packed -> packed(request, packed, root, budget, log);
        case SourceLocation.Git git -> git(request, git, root, budget, log);
      };
    } catch (IOException e) {
      throw new SourceFailure(
          FailureCode.INTERNAL_ERROR, "the source cannot be kept on the worker: " + e, e);
    }
  }

  private static FetchedSource inline(SourceRequest request, Path root)
      throws SourceFailure, IOException {
    if (request.inlineDockerfile() == null) {
      throw new SourceFailure(
          FailureCode.MISSING_OR_INVALID_ARGUMENT,
          "the build has no source: no package, no git repository and no inline Dockerfile");
    }
    return new Layout(root).find(request, null);
  }

  private FetchedSource packed(
      SourceRequest request, SourceLocation.Packed packed, Path root, Budget budget, SourceLog log)
      throws SourceFailure, IOException, InterruptedException {
    Path file = root.resolveSibling("package");
    try {
      String contentType = obtain(packed, file, budget, log);
      verify(packed.digest(), file, budget);
      PackageKind kind = Packages.kind(file, contentType);
      if (kind == PackageKind.DOCKERFILE) {
        Files.move(file, root.resolve("Dockerfile"));
        return new Layout(root).plain(request);
      }
      log.line("Unpacking " + Budget.size(Files.size(file)));
      Unpack unpack = new Unpack(file, root, budget);
      unpack.run(kind);
      String commit = unpack.commit();
      return new Layout(TopFolder.of(root, commit, request, log))
          .find(request, commit.isEmpty() ? null : commit);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private String obtain(SourceLocation.Packed packed, Path file, Budget budget, SourceLog log)
      throws SourceFailure, IOException, InterruptedException {
    if (DataUrl.is(packed.url())) {
      DataUrl data = DataUrl.parse(packed.url());
      Files.write(file, data.content());
      return data.contentType();
    }
    log.line("Downloading " + Urls.shown(packed.url()));
    return new Download(http, sleeper).run(Urls.web(packed.url()), file, budget, log);
  }

  private static void verify(@Nullable String expected, Path file, Budget budget)
      throws SourceFailure, IOException, InterruptedException {
    if (expected == null || expected.isEmpty()) {
      return;
    }
    Digest digest;
    try {
      digest = Digest.parse(expected);
    } catch (IllegalArgumentException e) {
      throw new SourceFailure(
          FailureCode.MISSING_OR_INVALID_ARGUMENT, "the package's digest: " + e.getMessage(), e);
    }
    MessageDigest hash = digest.newHash();
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
      byte[] buffer = new byte[64 << 10];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        out.write(buffer, 0, got);
        budget.alive();
      }
    }
    if (!digest.isOf(hash)) {
      throw new SourceFailure(
          FailureCode.BUILD_PACK_ISSUE,
          "the source's package is not the one that was uploaded: its digest is not " + digest);
    }
  }

  private FetchedSource git(
      SourceRequest request, SourceLocation.Git from, Path root, Budget budget, SourceLog log)
      throws SourceFailure, IOException, InterruptedException {
    return new Layout(root).find(request, checkout(from, root, budget, log).commit());
  }

  /**
   * A repository on this machine.
   *
   * @param folder its real path, all files as old as the commit; links may lead out of it, which
   *     nobody may follow
   * @param commit in full
   */
  public record Checkout(Path folder, String commit) {}

  /**
   * Fetches a repository that is not the build's own source, by the same rules.
   *
   * @param folder of the repository; empty: all of it
   * @param keepGit whether the folder .git stays
   * @param workDir an existing folder for this repository alone
   * @throws SourceFailure as {@link #fetch}
   */
  public Checkout checkout(
      SourceLocation.Git from, String folder, boolean keepGit, Path workDir, SourceLog log)
      throws SourceFailure, InterruptedException {
    try {
      Path root = privateFolder(workDir.toRealPath().resolve("source"));
      Commit commit = checkout(from, root, new Budget(limits, ticker), log);
      if (!keepGit) {
        Trees.deleteRepositories(root);
      }
      Trees.date(root, FileTime.from(commit.time()));
      Path wanted = Inside.resolve(root, folder).orElse(root.resolve("none"));
      if (!Files.isDirectory(wanted, LinkOption.NOFOLLOW_LINKS)) {
        throw new SourceFailure(
            FailureCode.GIT_CHECKOUT,
            "%s has no folder '%s'".formatted(Urls.shown(from.url()), folder));
      }
      return new Checkout(wanted, commit.commit());
    } catch (IOException e) {
      throw new SourceFailure(
          FailureCode.INTERNAL_ERROR, "the repository cannot be kept on the worker: " + e, e);
    }
  }

  private record Commit(String commit, Instant time) {}

  private Commit checkout(SourceLocation.Git from, Path root, Budget budget, SourceLog log)
      throws SourceFailure, IOException, InterruptedException {
    GitUrl url = GitUrl.parse(from.url());
    Path home = root.resolveSibling("git-home");
    try (GitEnvironment world =
        GitEnvironment.create(home, url, from.login(), processes, environment)) {
      Git git = new Git(processes, world, budget, log);
      log.line("Fetching " + url + (from.revision().isEmpty() ? "" : " at " + from.revision()));
      GitTries tries = new GitTries(git, sleeper, log);
      String commit = new GitFetch(git, tries, root, url).run(from.revision(), from.ref());
      GitLfs lfs = new GitLfs(git, tries, processes, log);
      lfs.run(root);
      if (from.submodules()) {
        for (Path tree : new GitSubmodules(git, tries).run(root)) {
          lfs.run(tree);
        }
      }
      Trees.charge(root, budget);
      log.line("Checked out " + commit);
      String time = git.run(root, "show", "--no-patch", "--format=%ct", "HEAD").output().strip();
      return new Commit(
          commit, Instant.ofEpochSecond(time.matches("\\d{1,12}") ? Long.parseLong(time) : 0));
    }
  }

  private static Path privateFolder(Path path) throws IOException {
    return Files.createDirectory(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }
}
