package dev.buildman.intake;

import dev.buildman.intake.BuildRequest.RequestedSource;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a git source. */
final class GitSourceCheck {

  private static final int LARGEST_KEY = 64 << 10;
  private static final Pattern BAD_IN_REF =
      Pattern.compile("^-|\\.\\.|@\\{|//|[\\x00-\\x20\\x7f~^:?*\\[\\\\]|[./]$|^/|\\.lock$");
  private static final Pattern KNOWN_HOST =
      Pattern.compile(
          "(@(?:cert-authority|revoked) +)?\\S+[ \t]+[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/=]+.*");

  private final Violations violations;

  GitSourceCheck(Violations violations) {
    this.violations = violations;
  }

  @Nullable Source check(RequestedSource.Git git) {
    checkRef(git.ref());
    return switch (GitUrl.parse(git.url().reveal())) {
      case GitUrl.Parsed.Bad(String text) -> {
        violations.add("spec.git.url", text);
        yield null;
      }
      case GitUrl.Parsed.Good(GitUrl url) -> {
        checkGitSecrets(git, url);
        yield new Source.Git(
            url.text(), git.ref(), withNewline(git.privateKey()), git.token(), git.trust());
      }
    };
  }

  private void checkRef(String ref) {
    boolean good = ref.length() <= 255 && !BAD_IN_REF.matcher(ref).find();
    violations.require(
        good, "spec.git.ref", "it must be a commit, branch or tag, as git allows their names");
  }

  private void checkGitSecrets(RequestedSource.Git git, GitUrl url) {
    String key = git.privateKey().reveal();
    violations.require(
        key.isEmpty() || url.ssh(), "spec.git.private_key", "a key is of use for ssh URLs only");
    violations.require(
        key.isEmpty() || (key.startsWith("-----BEGIN ") && key.length() <= LARGEST_KEY),
        "spec.git.private_key",
        "it must be a private key in OpenSSH or PEM form, at most 64 KiB");
    violations.require(
        git.token().isEmpty() || !url.ssh(),
        "spec.git.token",
        "a token is of use for http and https URLs only");
    violations.require(
        git.token().reveal().chars().allMatch(c -> c > ' ' && c != 0x7f),
        "spec.git.token",
        "a token holds no white space or control characters");
    checkKnownHosts(git.trust().knownHosts(), url);
  }

  private void checkKnownHosts(String knownHosts, GitUrl url) {
    violations.require(
        knownHosts.isEmpty() || url.ssh(),
        "spec.git.known_hosts",
        "host keys are of use for ssh URLs only");
    boolean lines =
        knownHosts
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .allMatch(line -> KNOWN_HOST.matcher(line).matches());
    violations.require(
        lines
            && knownHosts.length() <= LARGEST_KEY
            && (knownHosts.isEmpty() || holdsKey(knownHosts)),
        "spec.git.known_hosts",
        "it must hold lines of an OpenSSH known_hosts file ('host key-type base64'), as ssh-keyscan"
            + " prints them, at most 64 KiB");
  }

  private static boolean holdsKey(String knownHosts) {
    return knownHosts.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#"));
  }

  // OpenSSH refuses a key file without its last newline, and text fields lose it easily.
  private static Secret withNewline(Secret key) {
    boolean missing = !key.isEmpty() && !key.reveal().endsWith("\n");
    return missing ? Secret.of(key.reveal() + "\n") : key;
  }
}
