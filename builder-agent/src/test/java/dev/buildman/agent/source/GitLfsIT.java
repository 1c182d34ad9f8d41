package dev.buildman.agent.source;

import static dev.buildman.agent.source.SourceFixture.request;
import static dev.buildman.agent.testing.GitServers.commit;
import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.process.Executables;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.testing.GitServers;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Files that a repository keeps in Git LFS, against git's own server. */
@NeedsPrograms(Program.GIT)
class GitLfsIT extends GitFixture {
  private void lfs(String name) throws Exception {
    commit(tree, ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    commit(tree, "plain.bin", "not a pointer");
    pointer(name);
  }

  private void pointer(String name) throws Exception {
    commit(
        tree,
        name,
        "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 4\n"
            .formatted("0".repeat(64)));
  }

  @Test
  void filesInLfsAreRefusedWhereItsClientIsMissing() throws Exception {
    lfs("data/big.bin");
    Path alone = Files.createDirectory(dir.resolve("alone"));
    Files.createSymbolicLink(alone.resolve("git"), Program.GIT.path());
    sources =
        new SourceFixture(
            Files.createDirectory(dir.resolve("without")), new Executables(List.of(alone)));
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      fails(
          SourceFixture.git(server.url("/app/.git"), "", Login.NONE),
          FailureCode.GIT_FAILURE,
          "keeps data/big.bin in Git LFS",
          "Debian package git-lfs");
    }
  }

  /** The client is a script here: what counts is that git finds it and whether it did its work. */
  @Test
  void filesInLfsAreFetchedWhereItsClientIsThere() throws Exception {
    lfs("data/big.bin");
    Path bin = Files.createDirectory(dir.resolve("bin"));
    Path client = bin.resolve("git-lfs");
    Files.writeString(
        client, "#!/bin/sh\n[ \"$1\" = pull ] && printf real > data/big.bin\nexit 0\n");
    Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
    sources = new SourceFixture(Files.createDirectory(dir.resolve("with")), bin.toString());
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      SourceRequest request = SourceFixture.git(server.url("/app/.git"), "", Login.NONE);
      assertThat(sources.fetch(request).contextDir().resolve("data/big.bin")).hasContent("real");

      commit(tree, ".lfsconfig", "[lfs]\n url = file:///etc\n");
      fails(request, FailureCode.GIT_FAILURE, "of .lfsconfig", "was not used");
      git(tree, "rm", "-q", ".lfsconfig");
      pointer("data/other.bin");
      fails(request, FailureCode.GIT_FAILURE, "Git LFS did not bring data/other.bin");
    }
  }

  @Test
  @NeedsPrograms({Program.GIT, Program.GIT_LFS})
  void filesInLfsAreFetchedByItsOwnClient() throws Exception {
    byte[] content = "the file itself".getBytes(StandardCharsets.UTF_8);
    String oid = Digest.of(content).hex();
    commit(tree, ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    commit(
        tree,
        "data/big.bin",
        "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n"
            .formatted(oid, content.length));
    AtomicReference<String> place = new AtomicReference<>("");
    try (ScriptedServer files =
            ScriptedServer.start(
                call -> {
                  call.getResponseHeaders().set("Content-Type", "application/vnd.git-lfs+json");
                  boolean asks = call.getRequestURI().getPath().endsWith("/objects/batch");
                  ScriptedServer.reply(
                      call,
                      200,
                      asks
                          ? batch(oid, content, place.get()).getBytes(StandardCharsets.UTF_8)
                          : content);
                });
        ScriptedServer server = GitServers.http(repositories, null)) {
      place.set(files.url("/object"));
      commit(tree, ".lfsconfig", "[lfs]\n url = " + files.url("/lfs") + "\n");

      FetchedSource source =
          sources.fetch(SourceFixture.git(server.url("/app/.git"), "", Login.NONE));

      assertThat(source.contextDir().resolve("data/big.bin")).hasBinaryContent(content);
      assertThat(sources.lines()).contains("Fetching data/big.bin from Git LFS");
    }
  }

  private static String batch(String oid, byte[] content, String url) {
    return """
    {"transfer":"basic","objects":[{"oid":"%s","size":%d,"authenticated":true,
    "actions":{"download":{"href":"%s"}}}]}
    """
        .formatted(oid, content.length, url);
  }
}
