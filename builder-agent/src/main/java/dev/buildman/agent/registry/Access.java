package dev.buildman.agent.registry;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request is going to do, from which the scopes of its token follow.
 *
 * @param repository it acts on
 * @param push whether it writes
 * @param mountFrom a repository of the same registry that a blob is mounted from; null for none
 */
record Access(Repository repository, boolean push, @Nullable Repository mountFrom) {
  static Access pull(Repository repository) {
    return new Access(repository, false, null);
  }

  static Access push(Repository repository) {
    return new Access(repository, true, null);
  }

  String registry() {
    return repository.registry();
  }

  List<String> scopes() {
    List<String> scopes = new ArrayList<>();
    scopes.add("repository:" + repository.path() + (push ? ":pull,push" : ":pull"));
    if (mountFrom != null) {
      scopes.add("repository:" + mountFrom.path() + ":pull");
    }
    return scopes;
  }
}
