package dev.buildman.agent.run;

import dev.buildman.agent.logship.Secrets;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.RegistryAuth;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The secrets of a build pack, which no log line and no report may show. */
final class PackSecrets {
  private PackSecrets() {}

  static Secrets of(BuildPack pack, String registrationToken) {
    List<String> secrets = new ArrayList<>();
    secrets.add(registrationToken);
    secrets.add(pack.getJobJwt());
    secrets.add(pack.getGitPackage().getPrivateKey());
    secrets.add(pack.getGitPackage().getToken());
    login(secrets, "$token", pack.getPullToken());
    login(
        secrets,
        pack.getPushUsername().isEmpty() ? "$token" : pack.getPushUsername(),
        pack.getPushToken());
    login(secrets, pack.getBaseImage().getUsername(), pack.getBaseImage().getPassword());
    for (RegistryAuth auth : pack.getRegistryAuthMap().values()) {
      login(secrets, auth.getUsername(), auth.getPassword());
      secrets.add(auth.getIdentityToken());
    }
    pack.getSecretsMap().values().forEach(value -> secrets.add(value.toStringUtf8().strip()));
    pack.getSshKeysMap().values().forEach(key -> secrets.add(key.toStringUtf8()));
    inUrl(secrets, pack.getPackageUrl());
    inUrl(secrets, pack.getGitPackage().getUrl());
    return Secrets.of(secrets);
  }

  private static void login(List<String> secrets, String username, String password) {
    secrets.add(password);
    if (!password.isEmpty()) {
      // As the header of Basic authentication has it, in Base64.
      secrets.add(username + ":" + password);
    }
  }

  /** Signatures of signed URLs, and passwords that somebody put in front of a host. */
  private static void inUrl(List<String> secrets, String url) {
    if (url.startsWith("data:")) {
      return;
    }
    try {
      URI uri = URI.create(url);
      String query = uri.getRawQuery();
      if (query != null) {
        secrets.add(query);
      }
      String user = uri.getRawUserInfo();
      if (user != null && user.indexOf(':') >= 0) {
        secrets.add(user.substring(user.indexOf(':') + 1));
      }
    } catch (IllegalArgumentException e) {
      // Not a URL: git's user@host:path. The source says so where it is not that either.
      return;
    }
  }
}
