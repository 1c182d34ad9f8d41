package dev.buildman.agent.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A token service as registries name in their challenge: signed tokens for {@value
 * DockerRegistry#USER} by its password, or by a refresh token that is good for one use and brings
 * the next one. It gives what it is asked for, but nothing of repositories that begin with {@code
 * private}.
 */
public final class TokenServer implements AutoCloseable {
  private static final String BASIC =
      "Basic "
          + Base64.getEncoder()
              .encodeToString(
                  (DockerRegistry.USER + ":" + DockerRegistry.PASSWORD)
                      .getBytes(StandardCharsets.UTF_8));

  private final TestAuthority authority;
  private final Duration life;
  private final ScriptedServer server;
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private final AtomicInteger refreshed = new AtomicInteger();

  private TokenServer(TestAuthority authority, Duration life) throws IOException {
    this.authority = authority;
    this.life = life;
    this.server = ScriptedServer.start(this::answer);
  }

  /** Starts one whose tokens live so long. */
  public static TokenServer start(TestAuthority authority, Duration life) throws IOException {
    return new TokenServer(authority, life);
  }

  /** For the registry's challenge. */
  public String realm() {
    return server.url("/token");
  }

  /** The refresh token that is good next. */
  public String refreshToken() {
    return "refresh-" + refreshed.get();
  }

  /** The scopes of each token so far. */
  public List<String> questions() {
    return List.copyOf(questions);
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean refresh = exchange.getRequestMethod().equals("POST");
    String query =
        refresh
            ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
            : exchange.getRequestURI().getRawQuery();
    boolean known =
        refresh
            ? values(query, "refresh_token").contains(refreshToken())
            : BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
    if (!known) {
      String body = "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"bad credentials\"}]}";
      ScriptedServer.reply(exchange, 401, body);
      return;
    }
    List<String> scopes = new ArrayList<>();
    values(query, "scope").forEach(scope -> scopes.addAll(List.of(scope.split(" ", -1))));
    questions.add((refresh ? "refresh " : "") + String.join(" ", scopes));
    String next =
        refresh ? ",\"refresh_token\":\"refresh-" + refreshed.incrementAndGet() + "\"" : "";
    ScriptedServer.reply(
        exchange,
        200,
        "{\"token\":\"%s\",\"expires_in\":%d%s}".formatted(token(scopes), life.toSeconds(), next));
  }

  private static List<String> values(String query, String name) {
    List<String> values = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        values.add(URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8));
      }
    }
    return values;
  }

  private String token(List<String> scopes) throws IOException {
    long now = Instant.now().getEpochSecond();
    String access =
        String.join(
            ",",
            scopes.stream()
                .map(scope -> scope.split(":", -1))
                .filter(parts -> !parts[1].startsWith("private"))
                .map(
                    parts ->
                        "{\"type\":\"%s\",\"name\":\"%s\",\"actions\":[\"%s\"]}"
                            .formatted(parts[0], parts[1], parts[2].replace(",", "\",\"")))
                .toList());
    String claims =
        "{\"iss\":\"tests\",\"sub\":\"builder\",\"aud\":\"tests\",\"nbf\":%d,\"iat\":%d,\"exp\":%d,\"jti\":\"%d\",\"access\":[%s]}"
            .formatted(now - 5, now, now + life.toSeconds(), questions.size(), access);
    String chain = Files.readString(authority.certificate());
    String first =
        chain.substring(chain.indexOf('\n') + 1, chain.indexOf("-----END")).replace("\n", "");
    String header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + first + "\"]}";
    String signed =
        encode(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + encode(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(authority.privateKey());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IOException("no token can be signed", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    server.close();
  }
}
