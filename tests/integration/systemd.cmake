add_test(NAME "systemd: the unit files are understood"
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/systemd_units.sh ${PROJECT_SOURCE_DIR}/deploy/systemd $<TARGET_FILE_DIR:wanctl-autorate>)
set_tests_properties("systemd: the unit files are understood" PROPERTIES LABELS integration SKIP_RETURN_CODE 77 TIMEOUT 60)
