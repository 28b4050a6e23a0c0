"""A person has so many phones and no more; the next one hears why."""

from pimgate.settings import Devices
from pimgate_eas.wbxml.codec import decode
from plugins.eas.wire import Wire, folder_sync


def test_one_phone_too_many_hears_so_in_its_dialect(make_core):
    with Wire(make_core("eas", devices=Devices(most_per_person=1))) as wire:
        assert wire.folders()
        second = wire.twin(device="Appl2")
        octets = second.octets("FolderSync", folder_sync("0"))
        assert (second.status, decode(octets).text_of("FolderHierarchy:Status")) == (200, "177")
        old = wire.twin(device="Old1", version="12.1")
        old.octets("FolderSync", folder_sync("0"))
        assert old.status == 403
        assert wire.folders()
        assert wire.twin("bert@example.org", device="Appl2").folders()
