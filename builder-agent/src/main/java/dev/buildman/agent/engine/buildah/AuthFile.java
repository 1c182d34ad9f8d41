package dev.buildman.agent.engine.buildah;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/** The file in which buildah finds credentials; it exists only while a command needs it. */
final class AuthFile {

  private AuthFile() {}

  /** Writes it, with credentials by registry or repository. */
  static void write(Path file, Map<String, Credentials> credentials) throws IOException {
    ObjectNode root = Json.newObject();
    ObjectNode auths = root.putObject("auths");
    for (Map.Entry<String, Credentials> entry : credentials.entrySet()) {
      Credentials known = entry.getValue();
      ObjectNode auth = auths.putObject(entry.getKey());
      String pair = known.username() + ":" + known.password();
      auth.put("auth", Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      if (known.identityToken() != null) {
        auth.put("identitytoken", known.identityToken());
      }
    }
    SecretFiles.write(file, Json.write(root));
  }
}
