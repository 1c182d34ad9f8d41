package dev.buildman.edge.client;

import dev.buildman.intake.Violation;
import dev.buildman.proto.v1.UploadSourceRequest;
import dev.buildman.proto.v1.UploadSourceResponse;
import dev.buildman.sources.SourceDigest;
import dev.buildman.sources.SourceKind;
import dev.buildman.sources.SourceStore;
import dev.buildman.sources.SourceStore.Begun;
import dev.buildman.sources.Upload;
import dev.buildman.sources.UploadResult.Refused;
import dev.buildman.sources.UploadResult.Stored;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload. gRPC calls its methods one after the other and asks for the next chunk when the last
 * one is written, so a client sends as fast as the disk takes it.
 */
final class UploadCall implements StreamObserver<UploadSourceRequest> {

  private static final Logger log = LoggerFactory.getLogger(UploadCall.class);
  private static final String CALL = "UploadSource";

  private final SourceStore store;
  private final StreamObserver<UploadSourceResponse> response;
  private @Nullable Upload upload;
  private boolean over;

  UploadCall(SourceStore store, StreamObserver<UploadSourceResponse> response) {
    this.store = store;
    this.response = response;
  }

  @Override
  public void onNext(UploadSourceRequest request) {
    if (over) {
      return;
    }
    try {
      switch (request.getPartCase()) {
        case HEADER -> begin(request.getHeader());
        case CHUNK -> write(request.getChunk().asReadOnlyByteBuffer());
        case PART_NOT_SET -> refuse("part", "each message holds a header or a chunk");
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void begin(UploadSourceRequest.Header header) throws IOException {
    if (upload != null) {
      refuse("header", "the header comes once, in the first message");
      return;
    }
    List<Violation> violations = new ArrayList<>();
    Optional<SourceDigest> digest = SourceDigest.parse(header.getDigest());
    Optional<SourceKind> kind = SourceKind.ofContentType(header.getContentType());
    if (digest.isEmpty()) {
      violations.add(new Violation("header.digest", "it must be sha256:<64 hex digits>"));
    }
    if (kind.isEmpty()) {
      String text = "it must be application/gzip (a gzipped tar), application/zip or text/plain";
      violations.add(new Violation("header.content_type", text));
    }
    if (header.getSize() <= 0) {
      violations.add(new Violation("header.size", "it must be the source's size in bytes"));
    }
    if (digest.isEmpty() || kind.isEmpty() || !violations.isEmpty()) {
      end();
      response.onError(Statuses.invalid(violations));
      return;
    }
    switch (store.begin(digest.get(), header.getSize(), kind.get())) {
      case Begun.Open open -> upload = open.upload();
      case Begun.Existing _ -> answer(digest.get(), true);
      case Begun.TooLarge tooLarge -> refuse(tooLarge.refusal());
    }
  }

  private void write(ByteBuffer chunk) throws IOException {
    Upload open = upload;
    if (open == null) {
      refuse("header", "the first message must hold the header");
      return;
    }
    Optional<Refused> refused = open.write(chunk);
    if (refused.isPresent()) {
      refuse(refused.get());
    }
  }

  @Override
  public void onCompleted() {
    Upload open = upload;
    if (over) {
      return;
    }
    if (open == null) {
      refuse("header", "the first message must hold the header");
      return;
    }
    try {
      switch (open.finish()) {
        case Stored stored -> {
          log.info(
              "source stored: digest={}, bytes={}",
              stored.source().digest(),
              stored.source().size());
          answer(stored.source().digest(), stored.existing());
        }
        case Refused refused -> refuse(refused);
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    // The client went away: what it sent is of no use.
    end();
  }

  private void answer(SourceDigest digest, boolean existing) {
    end();
    response.onNext(
        UploadSourceResponse.newBuilder()
            .setDigest(digest.toString())
            .setExisting(existing)
            .build());
    response.onCompleted();
  }

  private void refuse(Refused refused) {
    String field =
        switch (refused.problem()) {
          case DIGEST_MISMATCH -> "header.digest";
          case SIZE_MISMATCH, TOO_LARGE -> "header.size";
          case WRONG_KIND -> "header.content_type";
        };
    refuse(field, refused.text());
  }

  private void refuse(String field, String text) {
    end();
    response.onError(Statuses.invalid(List.of(new Violation(field, text))));
  }

  private void fail(Exception failure) {
    end();
    response.onError(Statuses.failed(failure, CALL));
  }

  private void end() {
    over = true;
    Upload open = upload;
    if (open == null) {
      return;
    }
    try {
      open.close();
    } catch (IOException e) {
      log.warn("an upload's temporary file stays behind until the next clean-up", e);
    }
  }
}
