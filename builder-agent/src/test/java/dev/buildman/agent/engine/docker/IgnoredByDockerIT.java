package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Docker's own program sends to a daemon of a context, beside what we send: for its builder
 * the program does what {@code .dockerignore} says, and the daemon takes what comes.
 */
@NeedsPrograms(Program.DOCKER)
final class IgnoredByDockerIT {
  /** There for every rule: names of many kinds, at several depths. */
  private static final List<String> TREE =
      List.of(
          "a",
          "app/main.c",
          "app/deep/down",
          "src/app",
          "dir/file",
          "dir/sub/file.txt",
          "b/.git/x",
          ".git/HEAD",
          "x.md",
          "README.md",
          "docs/README.md",
          "docs/x.md",
          "a b/c d",
          "z/a*b");

  /** Rules whose lines undo each other, which tables of one path do not show. */
  private static final List<String> MORE =
      List.of(
          "*;!app",
          "*;!app/deep/down",
          "**;!**/*.md",
          "**/*.md;!README.md",
          "docs;!docs/x.md;docs/x*",
          "  a  ;# comment;/dir/;",
          "./src;../b",
          "*.md;!*.md;docs",
          "**/app;!src/app",
          "a b;!a b/c d",
          "dir/**;!dir/sub",
          "!a;*",
          "*/*;!docs/*.md");

  @TempDir private Path folder;

  private static Map<String, Set<String>> corpus() throws IOException {
    Map<String, Set<String>> rules = new LinkedHashMap<>();
    try (InputStream in =
        Objects.requireNonNull(IgnoredByDockerIT.class.getResourceAsStream("/dockerignore.csv"))) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && line.chars().filter(c -> c == '|').count() == 2)
          .map(line -> line.split("\\|", -1))
          .forEach(
              row ->
                  rules
                      .computeIfAbsent(row[0].strip(), key -> new LinkedHashSet<>())
                      .add(row[1].strip()));
    }
    MORE.forEach(rule -> rules.computeIfAbsent(rule, key -> new LinkedHashSet<>()));
    return rules;
  }

  @Test
  void sendsWhatDockersOwnProgramSends() throws Exception {
    AtomicReference<Optional<byte[]>> sent = new AtomicReference<>(Optional.empty());
    List<String> different = new ArrayList<>();
    int compared = 0;
    try (ScriptedServer daemon = ScriptedServer.start(call -> take(call, sent))) {
      for (Map.Entry<String, Set<String>> rule : corpus().entrySet()) {
        Path context = Files.createDirectory(folder.resolve("context" + compared++));
        TREE.forEach(name -> file(context, name));
        rule.getValue().forEach(name -> file(context, name));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY . /\n");
        Files.writeString(context.resolve(".dockerignore"), rule.getKey().replace(';', '\n'));
        sent.set(Optional.empty());
        docker(daemon.host(), context);
        String theirs = sent.get().map(IgnoredByDockerIT::names).orElse("refused");
        String ours = ours(context, rule.getKey());
        if (!ours.equals(theirs)) {
          different.add(rule.getKey() + ": docker " + theirs + ", we " + ours);
        }
      }
    }
    // The program passes a hidden folder over when no exception begins with its name; Docker's
    // newer builder looks into it, and so do we for every engine.
    assertThat(different)
        .containsExactly(
            "**;!**/*.md: docker [README.md, x.md],"
                + " we [README.md, docs/README.md, docs/x.md, x.md]");
    assertThat(compared).isGreaterThan(100);
  }

  /** What the file system cannot hold beside another is left out. */
  private static void file(Path context, String name) {
    try {
      Path file = context.resolve(name);
      Files.createDirectories(file.resolveSibling(""));
      if (!Files.exists(file)) {
        Files.writeString(file, "x");
      }
    } catch (IOException | RuntimeException e) {
      assertThat(e).isNotNull();
    }
  }

  private static void take(HttpExchange call, AtomicReference<Optional<byte[]>> sent)
      throws IOException {
    call.getResponseHeaders().set("Api-Version", "1.41");
    call.getResponseHeaders().set("Ostype", "linux");
    if (call.getRequestURI().getPath().endsWith("/build")) {
      sent.set(Optional.of(call.getRequestBody().readAllBytes()));
      ScriptedServer.reply(call, 200, "{\"stream\":\"done\"}");
    } else {
      ScriptedServer.reply(call, 200, "OK");
    }
  }

  private void docker(String host, Path context) throws IOException, InterruptedException {
    ProcessBuilder docker =
        new ProcessBuilder(Program.DOCKER.path().toString(), "build", "--quiet", context.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("docker.log").toFile());
    docker.environment().put("DOCKER_HOST", "tcp://" + host);
    docker.environment().put("DOCKER_BUILDKIT", "0");
    docker.environment().put("DOCKER_CONFIG", folder.toString());
    docker.start().waitFor();
  }

  private static String ours(Path context, String rule) throws IOException {
    try {
      IgnoreFile ignore = IgnoreFile.parse(rule.replace(';', '\n'));
      ContextTar tar =
          new ContextTar(
              new BuildContext(context, context.resolve("Dockerfile")),
              ignore,
              "FROM scratch\nCOPY . /\n",
              link -> false);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      tar.write(bytes);
      return names(bytes.toByteArray());
    } catch (DockerfileException e) {
      return "refused";
    }
  }

  /** Without what both treat in ways of their own, and the build never sees. */
  private static String names(byte[] sent) {
    Set<String> names = new TreeSet<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(sent), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(entry.getName());
      }
    } catch (IOException e) {
      throw new AssertionError("no tar", e);
    }
    names.removeAll(Arrays.asList("Dockerfile", ".dockerignore", ".dockerfile.buildman"));
    return names.toString();
  }
}
