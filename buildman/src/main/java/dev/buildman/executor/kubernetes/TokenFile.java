package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A token that somebody renews in a file: read anew for each call. */
final class TokenFile implements OAuthTokenProvider {
  private final Path file;
  private volatile @Nullable String last;

  TokenFile(Path file) {
    this.file = file;
  }

  @Override
  public @Nullable String getToken() {
    try {
      last = Files.readString(file).trim();
    } catch (IOException e) {
      // It is being replaced, or gone: the one before is the best there is, and a 401 tells more.
      return last;
    }
    return last;
  }
}
