"""For plugin authors and for our own tests; what a test imports stands in these modules.

The conformance kit, which needs pytest:

- ``mission_contract``, ``storage_contract``, ``inbox_contract``: the contracts of the interfaces; inherit, give the
  fixtures, run pytest.
- ``sources``, ``spoiling``: bytes and products that misbehave, as the contracts use them.

Builders of true-to-form products:

- ``sentinel1``, ``sentinel2``: from a specification to the file that a production chain would deliver.
- ``packages``: tar, gzipped tar and zip, and filler of any size, for builders of other missions.
- ``mission_samples``: good products of every shape.

Surroundings:

- ``delivery_point``: a real delivery point in a temporary folder, run by the ``prip`` command.
- ``postgres``: a PostgreSQL server of its own, with PostGIS.
- ``ceph``: an S3 server of its own.
- ``clock``: a clock that stands still until a test moves it.
"""
