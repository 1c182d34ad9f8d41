package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.model.Credentials;
import dev.buildman.model.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What every build gets from the installation.
 *
 * @param tries of a build that names no number
 * @param timeout of a build that names none
 * @param noCache build without the layer cache
 * @param buildArgs a build's own win
 * @param registryAuth by registry host[:port]; a build's own win
 * @param insecureRegistries spoken to without TLS, or without checking it
 */
public record BuildDefaults(
    int tries,
    Optional<Duration> timeout,
    boolean noCache,
    Map<String, String> buildArgs,
    Map<String, Credentials> registryAuth,
    List<String> insecureRegistries) {

  /** Quay's. */
  private static final int TRIES = 3;

  private static final int MOST_TRIES = 100;

  /** Copies. */
  public BuildDefaults {
    buildArgs = Map.copyOf(buildArgs);
    registryAuth = Map.copyOf(registryAuth);
    insecureRegistries = List.copyOf(insecureRegistries);
  }

  /** Reads {@code BUILDMAN}'s and the top level's share. */
  static BuildDefaults parse(ConfigMap top, ConfigMap ours) {
    List<String> insecure = new ArrayList<>(ours.texts("INSECURE_REGISTRIES"));
    // Only where it is written: Quay's default of http says nothing about the registry's address.
    if (top.text("PREFERRED_URL_SCHEME", "").equals("http")) {
      top.text("SERVER_HOSTNAME").ifPresent(insecure::add);
    }
    return new BuildDefaults(
        ours.integer("TRIES", TRIES, 1, MOST_TRIES),
        ours.duration("BUILD_TIMEOUT"),
        ours.flag("NO_CACHE", false),
        ours.textMap("BUILD_ARGS"),
        registryAuth(ours),
        insecure);
  }

  private static Map<String, Credentials> registryAuth(ConfigMap ours) {
    Map<String, Credentials> credentials = new LinkedHashMap<>();
    ours.sectionMap("REGISTRY_AUTH")
        .forEach(
            (registry, map) ->
                credentials.put(
                    registry,
                    new Credentials(
                        map.requiredText("USERNAME", "the registry asks for a name"),
                        map.secret("PASSWORD").orElse(Secret.NONE))));
    return credentials;
  }
}
