// Support for the tests of every floor.
