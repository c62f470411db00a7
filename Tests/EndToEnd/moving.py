"""C-MOVEs of one study to a destination over a raw socket, and what their responses have to say (PS3.4 §C.4.2.1)."""

import time

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove

from destination import Destination
from fileroom import ArchiveTest, make_instance, save

MOVE = StudyRootQueryRetrieveInformationModelMove
COUNT = 6


class Requester:
    """One association that asks for C-MOVEs, and when it heard what."""

    def __init__(self, port, title="PYNET"):
        self.ae = AE(ae_title=title)
        self.ae.add_requested_context(MOVE)
        self.ae.dimse_timeout = 60
        self.association = self.ae.associate("127.0.0.1", port, ae_title="ARCHIVE")
        assert self.association.is_established

    def move(self, study="1.2.3.1", destination="DEST", on_answer=None):
        keys = Dataset()
        keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", study
        self.times = [time.monotonic()]
        answers = []
        for answer in self.association.send_c_move(keys, destination, MOVE, msg_id=7):
            self.times.append(time.monotonic())
            answers.append(answer)
            if on_answer:
                on_answer(len(answers))
        return answers

    def cancel(self):
        self.association.send_c_cancel(7, query_model=MOVE)


class MoveTest(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.uids = []
        for number in range(1, COUNT + 1):
            uid = f"1.2.3.1.1.{number}"
            self.uids.append(uid)
            save(make_instance("1.2.3.1", "1.2.3.1.1", uid, InstanceNumber=str(number)), self.area / uid)
        self.destination = Destination()
        self.addCleanup(self.destination.close)

    def open(self, parameters="", **more):
        self.open_archive(parameters, **{"hosts": f"dest = (DEST, 127.0.0.1, {self.destination.port})"} | more)

    def await_line(self, said, before, seconds=20):
        """Waits until the log has a line with `said` behind the first `before`."""
        until = time.monotonic() + seconds
        while not any(said in line for line in self.daemon.log[before:]):
            self.assertLess(time.monotonic(), until, self.daemon.text)
            time.sleep(0.02)

    def listed(self, identifier):
        """The Failed SOP Instance UID List. Where there is no data set, pynetdicom gives an empty one or none."""
        uids = identifier.get("FailedSOPInstanceUIDList", []) if identifier else []
        return [uids] if isinstance(uids, str) else list(uids)

    def check(self, answers, status, completed=0, warning=0, failed=0, words=None):
        """The final response as it has to be, and each before it."""
        final, identifier = answers[-1]
        self.assertEqual(final.Status, status, hex(final.Status))
        found = tuple(getattr(final, f"NumberOf{kind}Suboperations") for kind in ("Completed", "Warning", "Failed"))
        self.assertEqual(found, (completed, warning, failed))
        if status != 0xFE00:
            self.assertNotIn("NumberOfRemainingSuboperations", final)
        comment = final.get("ErrorComment", "")
        self.assertLessEqual(len(comment), 64)
        if words:
            self.assertIn(words, comment)
        uids = self.listed(identifier)
        self.assertEqual(len(uids), failed)
        for pending, _ in answers[:-1]:
            self.assertEqual(pending.Status, 0xFF00)
            self.assertEqual(sum(getattr(pending, f"NumberOf{kind}Suboperations") for kind in ("Remaining", "Completed", "Warning", "Failed")), COUNT)
        return uids
