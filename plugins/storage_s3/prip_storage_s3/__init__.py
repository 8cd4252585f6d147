"""A bucket of an S3 server (Amazon S3, Ceph RGW and their like) as the storage of a delivery point."""
