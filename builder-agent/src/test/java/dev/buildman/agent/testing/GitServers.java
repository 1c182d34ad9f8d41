package dev.buildman.agent.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Git repositories made by a test, and git's own HTTP server over them. */
public final class GitServers {
  private GitServers() {}

  /** Runs git in a folder with an identity and nothing of the machine's configuration. */
  public static String git(Path directory, String... arguments)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of(Program.GIT.path().toString()));
    argv.addAll(List.of("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"));
    argv.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(argv).directory(directory.toFile());
    environment(builder.environment());
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("git " + arguments[0] + " failed: " + output);
    }
    return output.strip();
  }

  private static void environment(Map<String, String> environment) {
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    for (String role : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + role + "_NAME", "Tester");
      environment.put("GIT_" + role + "_EMAIL", "tester@example.org");
      environment.put("GIT_" + role + "_DATE", "2026-01-01T00:00:00Z");
    }
  }

  /** Adds a commit with one file to the working tree, and answers its name. */
  public static String commit(Path tree, String file, String content)
      throws IOException, InterruptedException {
    Path path = tree.resolve(file);
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(path, content);
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "-m", file);
    return git(tree, "rev-parse", "HEAD");
  }

  /**
   * Git's smart HTTP server over a folder of repositories.
   *
   * @param authorization the header that is wanted; null: none
   */
  public static ScriptedServer http(Path root, @Nullable String authorization) throws IOException {
    return ScriptedServer.start(
        exchange -> {
          String given = exchange.getRequestHeaders().getFirst("Authorization");
          if (authorization != null && !authorization.equals(given)) {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
            ScriptedServer.reply(exchange, 401, "");
          } else {
            backend(exchange, root);
          }
        });
  }

  private static void backend(HttpExchange exchange, Path root)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(Program.GIT.path().toString(), "http-backend")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> cgi = builder.environment();
    cgi.put("GIT_PROJECT_ROOT", root.toString());
    cgi.put("GIT_HTTP_EXPORT_ALL", "1");
    cgi.put("GIT_CONFIG_COUNT", "1");
    cgi.put("GIT_CONFIG_KEY_0", "safe.directory");
    cgi.put("GIT_CONFIG_VALUE_0", "*");
    cgi.put("REQUEST_METHOD", exchange.getRequestMethod());
    cgi.put("PATH_INFO", exchange.getRequestURI().getPath());
    header(cgi, "QUERY_STRING", exchange.getRequestURI().getRawQuery());
    header(cgi, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
    header(cgi, "HTTP_CONTENT_ENCODING", exchange.getRequestHeaders().getFirst("Content-Encoding"));
    header(cgi, "HTTP_GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
    byte[] body = exchange.getRequestBody().readAllBytes();
    cgi.put("CONTENT_LENGTH", String.valueOf(body.length));
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(body);
    }
    answer(exchange, process.getInputStream());
    process.waitFor();
  }

  private static void header(Map<String, String> cgi, String name, @Nullable String value) {
    cgi.put(name, value == null ? "" : value);
  }

  private static void answer(HttpExchange exchange, InputStream cgi) throws IOException {
    byte[] whole = cgi.readAllBytes();
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    int status = 200;
    for (String line : text.substring(0, end).split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(line.substring(7).strip().substring(0, 3));
      } else {
        exchange
            .getResponseHeaders()
            .add(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    ScriptedServer.reply(exchange, status, Arrays.copyOfRange(whole, end + 4, whole.length));
  }
}
