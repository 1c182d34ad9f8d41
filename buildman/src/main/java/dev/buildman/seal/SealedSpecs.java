package dev.buildman.seal;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.proto.stored.StoredSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * Turns a build's spec into the bytes that Redis keeps, every secret in it sealed, and back.
 *
 * <p>Safe for use by many threads.
 */
public final class SealedSpecs {

  private final Sealer sealer;

  /** Seals and opens under the keys of {@code sealer}. */
  public SealedSpecs(Sealer sealer) {
    this.sealer = sealer;
  }

  /** The bytes to store for this build. They open for this build id only. */
  public byte[] seal(BuildId id, BuildSpec spec, Annotations annotations) {
    return new SpecWriter((place, plain) -> sealer.seal(id.value(), place.text(), plain))
        .write(spec, annotations)
        .toByteArray();
  }

  /** The spec with its secrets, for the one agent that builds it and for a retry. */
  public Opened open(BuildId id, byte[] stored) {
    SpecReader reader =
        new SpecReader((place, value) -> sealer.open(id.value(), place.text(), value));
    try {
      return new Opened.Whole(reader.read(StoredSpec.parseFrom(stored)));
    } catch (SpecReader.SecretGoneException e) {
      return new Opened.SecretGone(e.field());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return new Opened.Broken();
    }
  }

  /**
   * What of it anybody may see.
   *
   * @return empty when the stored bytes are no spec
   */
  public static Optional<Shown> shown(byte[] stored) {
    try {
      StoredSpec spec = StoredSpec.parseFrom(stored);
      Annotations annotations = new Annotations(spec.getForeignId(), spec.getMetadataMap());
      return Optional.of(new Shown(SpecReader.withoutSecrets().read(spec), annotations));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Bytes that are equal exactly for specs that ask for the same, whatever their secrets. A client
   * that asks again with a fresh token or a newly signed URL asks for the same, and a hash of these
   * bytes tells nothing about a password.
   */
  public static byte[] fingerprint(BuildSpec spec, Annotations annotations) {
    StoredSpec open = new SpecWriter(SealedSpecs::mark).write(spec, annotations);
    byte[] bytes = new byte[open.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      open.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  // A secret only leaves a mark that it is there; a data URL is the source itself and so counts.
  private static byte[] mark(SecretPlace place, byte[] plain) {
    boolean data =
        place.equals(SecretPlace.PACKAGE_URL)
            && new String(plain, 0, Math.min(5, plain.length), StandardCharsets.US_ASCII)
                .equalsIgnoreCase("data:");
    if (!data) {
      return new byte[] {1};
    }
    try {
      return MessageDigest.getInstance("SHA-256").digest(plain);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
