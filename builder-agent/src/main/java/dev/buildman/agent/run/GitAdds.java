package dev.buildman.agent.run;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.GitTrees;
import dev.buildman.agent.source.SourceFailure;
import dev.buildman.agent.source.SourceLocation;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.source.Sources;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Fetches the repositories that ADD names, each once for a build. The key or token of the build's
 * own source goes to its own server only. For one thread.
 */
final class GitAdds implements GitTrees {
  private record Asked(Address address, boolean keepGit) {}

  private final Sources sources;
  private final SourceLocation own;
  private final Path folder;
  private final Map<Asked, Tree> fetched = new HashMap<>();

  /**
   * @param own the build's own source
   * @param folder an existing empty one
   */
  GitAdds(Sources sources, SourceLocation own, Path folder) {
    this.sources = sources;
    this.own = own;
    this.folder = folder;
  }

  @Override
  public Tree fetch(Address address, boolean keepGit, EngineLog log)
      throws EngineFailure, InterruptedException {
    Asked asked = new Asked(address, keepGit);
    Tree tree = fetched.get(asked);
    if (tree == null) {
      tree = fetch(asked, log);
      fetched.put(asked, tree);
    }
    return tree;
  }

  private Tree fetch(Asked asked, EngineLog log) throws EngineFailure, InterruptedException {
    Address address = asked.address();
    Login login = own instanceof SourceLocation.Git git ? git.loginFor(address.url()) : Login.NONE;
    try {
      Sources.Checkout checkout =
          sources.checkout(
              new SourceLocation.Git(address.url(), address.revision(), "", true, login),
              address.folder(),
              asked.keepGit(),
              Files.createDirectory(folder.resolve("repository" + fetched.size())),
              line -> log.output(line + "\n"));
      return new Tree(checkout.folder(), checkout.commit());
    } catch (SourceFailure e) {
      throw EngineFailure.of(e.code(), "ADD from git: " + e.message(), e);
    } catch (IOException e) {
      throw EngineFailure.of(FailureCode.INTERNAL_ERROR, "the worker's disk: " + e, e);
    }
  }
}
