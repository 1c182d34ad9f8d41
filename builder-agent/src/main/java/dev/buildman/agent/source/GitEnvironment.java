package dev.buildman.agent.source;

import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Folders;
import dev.buildman.agent.source.SourceLocation.Login;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The world that git runs in: a home of its own with no configuration of the machine or of a user,
 * no hooks, no prompts, no transports but http(s) and ssh, and the build's key and token in files
 * that only this user can read. Closing removes it with both.
 */
final class GitEnvironment implements AutoCloseable {
  private static final String TOKEN_USER = "x-access-token";

  private final Path home;
  private final Map<String, String> variables = new HashMap<>();
  private final List<String> options = new ArrayList<>();

  private GitEnvironment(Path home) {
    this.home = home;
  }

  /**
   * @param home a folder that does not exist yet
   * @param inherited proxies and authorities of the worker
   */
  static GitEnvironment create(
      Path home, GitUrl url, Login login, Processes processes, Map<String, String> inherited)
      throws IOException {
    Files.createDirectory(
        home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    GitEnvironment environment = new GitEnvironment(home);
    environment.isolate(inherited);
    environment.variables.put("PATH", path(processes));
    environment.configure(url);
    environment.ssh(login, processes);
    environment.credentials(url, login);
    return environment;
  }

  /** Where git finds the programs that it starts; what lies beside git itself comes last. */
  private static String path(Processes processes) {
    Stream<String> found =
        Stream.of(GitLfs.PROGRAM, "ssh", "git")
            .flatMap(name -> processes.find(name).stream())
            .map(program -> String.valueOf(program.getParent()));
    return Stream.concat(found, Stream.of("/usr/local/bin", "/usr/bin", "/bin"))
        .distinct()
        .collect(Collectors.joining(":"));
  }

  private void isolate(Map<String, String> inherited) {
    variables.putAll(inherited);
    variables.put("HOME", home.toString());
    variables.put("XDG_CONFIG_HOME", home.toString());
    variables.put("GIT_CONFIG_NOSYSTEM", "1");
    variables.put("GIT_CONFIG_SYSTEM", "/dev/null");
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    variables.put("GIT_ATTR_NOSYSTEM", "1");
    variables.put("GIT_TERMINAL_PROMPT", "0");
    variables.put("GIT_ASKPASS", "/bin/false");
    variables.put("SSH_ASKPASS", "/bin/false");
    variables.put("GIT_LFS_SKIP_SMUDGE", "1");
    variables.put("LC_ALL", "C.UTF-8");
  }

  private void configure(GitUrl url) {
    // An https address never leads to http, neither by a redirect nor by a submodule.
    variables.put(
        "GIT_ALLOW_PROTOCOL", url.scheme().equals("http") ? "http:https:ssh" : "https:ssh");
    variables.put("GIT_PROTOCOL_FROM_USER", "0");
    option("core.hooksPath=/dev/null");
    option("core.fsmonitor=false");
    option("init.templateDir=");
    option("init.defaultBranch=main");
    option("advice.detachedHead=false");
    option("credential.helper=");
    option("http.lowSpeedLimit=1");
    option("http.lowSpeedTime=60");
    option("gc.auto=0");
    option("maintenance.auto=false");
  }

  private void option(String value) {
    options.add("-c");
    options.add(value);
  }

  private void ssh(Login login, Processes processes) throws IOException {
    List<String> ssh = new ArrayList<>();
    ssh.add(processes.find("ssh").map(Path::toString).orElse("ssh"));
    ssh.addAll(List.of("-F", "/dev/null"));
    List<String> settings =
        new ArrayList<>(
            List.of(
                "BatchMode=yes",
                "IdentitiesOnly=yes",
                "IdentityAgent=none",
                "ConnectTimeout=30",
                "ServerAliveInterval=15",
                "PermitLocalCommand=no",
                "ForwardAgent=no"));
    settings.addAll(hostKeys(login));
    if (!login.privateKey().isEmpty()) {
      // OpenSSH calls a key without its last newline invalid.
      String key = login.privateKey().replace("\r\n", "\n").strip() + "\n";
      settings.add("IdentityFile=" + sshPath(secret("key", key)));
    }
    for (String setting : settings) {
      ssh.add("-o");
      ssh.add(setting);
    }
    variables.put(
        "GIT_SSH_COMMAND", String.join(" ", ssh.stream().map(GitEnvironment::quoted).toList()));
    variables.put("GIT_SSH_VARIANT", "ssh");
  }

  private List<String> hostKeys(Login login) throws IOException {
    Path file = home.resolve("known_hosts");
    if (login.knownHosts().isEmpty()) {
      // Nobody is there to compare it; a key that the machine knows must still match.
      return List.of("StrictHostKeyChecking=accept-new", "UserKnownHostsFile=" + sshPath(file));
    }
    Files.writeString(file, login.knownHosts().strip() + "\n");
    return List.of(
        "StrictHostKeyChecking=yes",
        "UserKnownHostsFile=" + sshPath(file),
        "GlobalKnownHostsFile=/dev/null",
        // Else a server could bring another key along.
        "UpdateHostKeys=no",
        "VerifyHostKeyDNS=no");
  }

  /** Several paths may stand in these settings, with blanks between them. */
  private static String sshPath(Path file) {
    return '"' + file.toString() + '"';
  }

  private void credentials(GitUrl url, Login login) throws IOException {
    String password = login.token().isEmpty() ? url.password() : login.token();
    if (!url.isWeb() || (password.isEmpty() && url.user().isEmpty())) {
      return;
    }
    String user = url.user().isEmpty() ? TOKEN_USER : url.user();
    String line =
        "%s://%s:%s@%s\n"
            .formatted(url.scheme(), escaped(user), escaped(password), url.authority());
    option("credential.helper=store --file=" + quoted(secret("credentials", line).toString()));
  }

  private Path secret(String name, String content) throws IOException {
    Path file = home.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** For the shell that git starts helpers with. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** The environment, whole. */
  Map<String, String> variables() {
    return variables;
  }

  /** What stands between {@code git} and its command. */
  List<String> options() {
    return options;
  }

  @Override
  public void close() throws IOException {
    Folders.delete(home);
  }
}
