package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestsTest {
  private final List<String> reported = new ArrayList<>();
  private final Requests requests = new Requests(3);

  private void report(long tag, int status) {
    reported.add(tag + ":" + status);
  }

  private int begin(long tag, int pieces) {
    int request = requests.begin(tag);
    for (int i = 0; i < pieces; i++) {
      requests.addPiece(request);
    }
    return request;
  }

  @Test
  void reportsOnceWithTheLastPiece() {
    int request = begin(7, 3);
    assertThat(requests.endPiece(request, this::report)).isZero();
    assertThat(requests.endPiece(request, this::report)).isZero();
    assertThat(reported).isEmpty();
    assertThat(requests.endPiece(request, this::report)).isOne();
    assertThat(reported).containsExactly("7:0");
    assertThat(requests.outstanding()).isZero();
  }

  @Test
  void keepsTheFirstBadStatus() {
    int request = begin(7, 2);
    requests.fail(request, 5);
    requests.endPiece(request, this::report);
    requests.fail(request, 6);
    requests.endPiece(request, this::report);
    assertThat(reported).containsExactly("7:5");
  }

  @Test
  void aPlaceIsFreeBeforeItsReportSoThatTheHandlerMayUseIt() {
    begin(1, 1);
    begin(2, 1);
    int request = begin(3, 1);
    requests.endPiece(request, (tag, status) -> begin(4, 1));
    assertThat(requests.outstanding()).isEqualTo(3);
  }

  @Test
  void endsAllThatAreOut() {
    begin(1, 1);
    int ended = begin(2, 1);
    begin(3, 4);
    requests.endPiece(ended, (tag, status) -> {});
    assertThat(requests.endAll(9, this::report, () -> true)).isEqualTo(2);
    assertThat(reported).containsExactlyInAnyOrder("1:9", "3:9");
  }

  @Test
  void endsAllThoughTheHandlerThrows() {
    begin(1, 1);
    begin(2, 1);
    begin(3, 1);
    assertThatThrownBy(() ->
            requests.endAll(
                9,
                (tag, status) -> {
                  report(tag, status);
                  throw new IllegalStateException("no");
                },
                () -> true))
        .hasMessage("no");
    assertThat(reported).containsExactlyInAnyOrder("1:9", "2:9", "3:9");
  }
}
