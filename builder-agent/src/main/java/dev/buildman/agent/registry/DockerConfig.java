package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The credentials of a {@code config.json} of Docker's or {@code auth.json} of Podman's: {@code
 * credHelpers}, then {@code credsStore}, then {@code auths}. What a helper says is kept for some
 * minutes, as each question starts a program and some of their tokens live no longer than an hour.
 */
public final class DockerConfig implements CredentialSource {
  /** By this name Docker's own tools ask helpers for the Hub. */
  private static final String HUB = "https://index.docker.io/v1/";

  private static final Duration KEPT = Duration.ofMinutes(5);

  private final CredentialStore auths;
  private final Map<String, String> helpers;
  private final String store;
  private final CredentialHelper helper;
  private final Ticker ticker;
  private final Map<String, Answered> answers = new HashMap<>();

  private record Answered(Optional<Credentials> credentials, long at) {}

  private DockerConfig(
      CredentialStore auths,
      Map<String, String> helpers,
      String store,
      CredentialHelper helper,
      Ticker ticker) {
    this.auths = auths;
    this.helpers = helpers;
    this.store = store;
    this.helper = helper;
    this.ticker = ticker;
  }

  /**
   * Reads a file; helpers are run when they are needed.
   *
   * @param environment what helpers get of the worker's
   * @throws IOException naming the file, when it cannot be read or is no such file
   */
  public static DockerConfig read(
      Path file, Processes processes, Map<String, String> environment, Ticker ticker)
      throws IOException {
    JsonNode root =
        Json.object(Files.readAllBytes(file))
            .orElseThrow(() -> new IOException(file + " is no JSON object as Docker writes it"));
    Map<String, Credentials> auths = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("auths").properties()) {
      credentials(entry.getValue(), file).ifPresent(found -> auths.put(entry.getKey(), found));
    }
    Map<String, String> helpers = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("credHelpers").properties()) {
      helpers.put(CredentialStore.scope(entry.getKey()), entry.getValue().asText(""));
    }
    return new DockerConfig(
        CredentialStore.of(auths),
        Map.copyOf(helpers),
        root.path("credsStore").asText(""),
        new CredentialHelper(processes, environment),
        ticker);
  }

  private static Optional<Credentials> credentials(JsonNode entry, Path file) throws IOException {
    String user = entry.path("username").asText("");
    String password = entry.path("password").asText("");
    String pair = entry.path("auth").asText("");
    if (!pair.isEmpty()) {
      String text;
      try {
        text = new String(Base64.getDecoder().decode(pair), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new IOException(file + " has an auth that is not in Base64", e);
      }
      int colon = text.indexOf(':');
      user = colon < 0 ? text : text.substring(0, colon);
      // Docker itself leaves a NUL at the end of some.
      password = colon < 0 ? "" : text.substring(colon + 1).replaceAll("\\x00+$", "");
    }
    String identity = entry.path("identitytoken").asText("");
    if (user.isEmpty() && password.isEmpty() && identity.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Credentials(user, password, identity.isEmpty() ? null : identity));
  }

  @Override
  public Optional<Credentials> find(Repository repository)
      throws RegistryException, InterruptedException {
    String name = helpers.getOrDefault(repository.registry(), store);
    if (!name.isEmpty()) {
      Optional<Credentials> answer = ask(name, repository.registry());
      if (answer.isPresent()) {
        return answer;
      }
    }
    return auths.find(repository);
  }

  private synchronized Optional<Credentials> ask(String name, String registry)
      throws RegistryException, InterruptedException {
    Answered known = answers.get(registry);
    if (known != null && ticker.since(known.at).compareTo(KEPT) < 0) {
      return known.credentials;
    }
    long at = ticker.nanos();
    Optional<Credentials> answer = helper.get(name, registry.equals("docker.io") ? HUB : registry);
    answers.put(registry, new Answered(answer, at));
    return answer;
  }

  @Override
  public String toString() {
    return "DockerConfig[auths=" + auths + ", helpers=" + helpers + ", store=" + store + "]";
  }
}
