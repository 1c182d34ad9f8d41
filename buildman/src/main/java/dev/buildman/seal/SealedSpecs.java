package dev.buildman.seal;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.proto.stored.StoredSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  public byte[] seal(BuildId id, BuildSpec spec) {
    return new SpecWriter((field, plain) -> sealer.seal(id.value(), field, plain))
        .write(spec)
        .toByteArray();
  }

  /** The spec with its secrets, for the one agent that builds it and for a retry. */
  public Opened open(BuildId id, byte[] stored) {
    SpecReader reader = new SpecReader((field, value) -> sealer.open(id.value(), field, value));
    try {
      return new Opened.Whole(reader.read(StoredSpec.parseFrom(stored)));
    } catch (SpecReader.SecretGoneException e) {
      return new Opened.SecretGone(e.field());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return new Opened.Broken();
    }
  }

  /**
   * The spec as anybody may see it: secrets are empty, and a package URL stands without user and
   * query.
   *
   * @return empty when the stored bytes are no spec
   */
  public static Optional<BuildSpec> shown(byte[] stored) {
    try {
      return Optional.of(SpecReader.withoutSecrets().read(StoredSpec.parseFrom(stored)));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Bytes that are equal exactly for specs that ask for the same, whatever their secrets. A client
   * that asks again with a fresh token or a newly signed URL asks for the same, and a hash of these
   * bytes tells nothing about a password.
   */
  public static byte[] fingerprint(BuildSpec spec) {
    StoredSpec open = new SpecWriter((field, plain) -> new byte[] {1}).write(spec);
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
}
