package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.process.Capture;
import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Docker's protocol of credential helpers: a program {@code docker-credential-NAME} on the PATH
 * that gets a registry's name on its standard input and prints a name and a secret. ECR, Google's
 * and Azure's registries have one each.
 */
final class CredentialHelper {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** A helper may have to ask its cloud. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static final int MAX_OUTPUT = 64 << 10;

  /** What a helper calls the user of an identity token. */
  private static final String TOKEN_USER = "<token>";

  /** The helpers' own words, by which every one of them says that it has nothing. */
  private static final Pattern NOTHING =
      Pattern.compile("credentials not found|no credentials (server URL|username)");

  private final Processes processes;
  private final Map<String, String> environment;

  /**
   * @param environment what helpers get of the worker's
   */
  CredentialHelper(Processes processes, Map<String, String> environment) {
    this.processes = processes;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Asks one.
   *
   * @param name without the {@code docker-credential-} in front
   * @param server as Docker names the registry
   * @return empty when it has none for this registry
   * @throws RegistryException LOCAL when it is not there, fails, takes too long or talks nonsense
   */
  Optional<Credentials> get(String name, String server)
      throws RegistryException, InterruptedException {
    String program = "docker-credential-" + name;
    if (!NAME.matcher(name).matches()) {
      throw failure(program, server, "a helper has no such name", null);
    }
    Capture output = new Capture(MAX_OUTPUT);
    Command command =
        new Command(List.of(program, "get"), environment, Path.of("/"), LIMIT).withInput(server);
    Exit exit;
    try {
      exit = processes.run(command, output);
    } catch (IOException e) {
      throw failure(program, server, String.valueOf(e.getMessage()), e);
    }
    if (exit.ok()) {
      return read(program, server, output.stdout());
    }
    String words = (output.stdout().strip() + " " + output.stderr().strip()).strip();
    if (!exit.timedOut() && NOTHING.matcher(words).find()) {
      return Optional.empty();
    }
    String why = exit.timedOut() ? "no answer in " + LIMIT.toSeconds() + " s" : exit.describe();
    throw failure(program, server, words.isEmpty() ? why : why + ": " + Words.cut(words), null);
  }

  private static Optional<Credentials> read(String program, String server, String output)
      throws RegistryException {
    Optional<JsonNode> answer = Json.object(output.getBytes(StandardCharsets.UTF_8));
    if (answer.isEmpty()) {
      throw failure(program, server, "its answer is no JSON object", null);
    }
    String user = answer.get().path("Username").asText("");
    String secret = answer.get().path("Secret").asText("");
    if (secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        user.equals(TOKEN_USER) ? Credentials.identity(secret) : new Credentials(user, secret));
  }

  private static RegistryException failure(
      String program, String server, String why, @Nullable Exception e) {
    return new RegistryException(
        Kind.LOCAL,
        "the credential helper %s, asked for %s: %s".formatted(program, server, why),
        e);
  }
}
