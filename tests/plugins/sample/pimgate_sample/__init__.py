"""A plugin for pimgate as a third party would ship it: a directory of meeting rooms. Begin with `plugin`."""
