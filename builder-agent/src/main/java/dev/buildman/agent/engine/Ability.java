package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Platform;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What an engine may be able to do beyond what every engine can. The agent announces it before it
 * knows its build, and a manager gives no build to an agent that lacks what it needs.
 */
public enum Ability {
  /** RUN instructions. */
  RUN("run", "run commands"),
  /** Other platforms than this machine's, and several at once as an index. */
  PLATFORMS("platforms", "build for other platforms"),
  /** {@code RUN --mount=type=secret}. */
  SECRETS("secrets", "give secrets to RUN"),
  /** {@code RUN --mount=type=ssh}. */
  SSH_KEYS("ssh_keys", "give SSH keys to RUN"),
  /** Steps of earlier builds from a registry. */
  CACHE_REFS("cache_refs", "take steps out of a registry"),
  /** Its own steps to a registry. */
  CACHE_TO("cache_to", "put its steps into a registry"),
  /** Limits of what RUN starts. */
  RUN_LIMITS("run_limits", "limit what RUN uses");

  private final String word;
  private final String deed;

  Ability(String word, String deed) {
    this.word = word;
    this.deed = deed;
  }

  /** What a build with these options asks for. */
  static Set<Ability> neededBy(BuildOptions options) {
    Set<Ability> needed = EnumSet.noneOf(Ability.class);
    add(needed, PLATFORMS, !List.of(Platform.ofThisMachine()).containsAll(options.platforms()));
    add(needed, SECRETS, !options.run().secrets().isEmpty());
    add(needed, SSH_KEYS, !options.run().sshKeys().isEmpty());
    add(needed, CACHE_REFS, !options.cache().from().isEmpty());
    add(needed, CACHE_TO, !options.cache().to().isEmpty());
    add(needed, RUN_LIMITS, options.run().limited());
    return needed;
  }

  private static void add(Set<Ability> needed, Ability ability, boolean really) {
    if (really) {
      needed.add(ability);
    }
  }

  /** The word on the wire: the field of the build pack, or the instruction. */
  public String word() {
    return word;
  }

  /** For a person, after "cannot": what it does, and the word. */
  String deed() {
    return deed + " (" + word + ")";
  }
}
