package dev.buildman.registry;

/** A request that is answered with an error of the distribution specification. */
final class RegistryFault extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The specification's codes with the status that they are answered with. */
  enum Code {
    BLOB_UNKNOWN(404),
    BLOB_UPLOAD_INVALID(400),
    BLOB_UPLOAD_UNKNOWN(404),
    DIGEST_INVALID(400),
    MANIFEST_BLOB_UNKNOWN(404),
    MANIFEST_INVALID(400),
    MANIFEST_UNKNOWN(404),
    NAME_INVALID(400),
    NAME_UNKNOWN(404),
    SIZE_INVALID(413),
    TOOMANYREQUESTS(429),
    RANGE_INVALID(416),
    UNAUTHORIZED(401),
    UNSUPPORTED(405),
    UNKNOWN(500);

    final int status;

    Code(int status) {
      this.status = status;
    }
  }

  final Code code;

  RegistryFault(Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }
}
