package dev.buildman;

import dev.buildman.model.Secret;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Sealer;
import dev.buildman.token.TokenSettings;
import dev.buildman.token.Tokens;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;

/**
 * What is derived from the installation's secret.
 *
 * @param secrets newest first
 */
record Keys(Tokens tokens, SealedSpecs specs, List<byte[]> secrets) {

  static Keys of(Identity identity, InstantSource clock) {
    List<byte[]> secrets =
        identity.secretKeys().stream()
            .map(Secret::reveal)
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList();
    TokenSettings settings =
        new TokenSettings(
            identity.secretKeys(), identity.dialled().host(), identity.dialled().host());
    return new Keys(
        new Tokens(settings, clock), new SealedSpecs(Sealer.of(secrets)), List.copyOf(secrets));
  }
}
